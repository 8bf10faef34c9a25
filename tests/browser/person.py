"""A person at a browser: what they do, what they see, and what their browser complains about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request

from tests.conftest import PASSWORD

AXE = Axe().axe_script
# bpmn.io's own drawing is not ours to judge; taken out of the page meanwhile, as walking round it takes seconds
RUN_AXE = """async () => {
  const canvases = [...document.querySelectorAll('.djs-container')].map(canvas => [canvas, canvas.parentNode]);
  canvases.forEach(([canvas]) => canvas.remove());
  const found = await axe.run(document, { resultTypes: ['violations'] });
  canvases.forEach(([canvas, parent]) => parent.append(canvas));
  return found.violations;
}"""
SERIOUS = {"serious", "critical"}
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Person:
    """One person, with a browser context of their own."""

    id: str
    context: BrowserContext
    page: Page
    url: str
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)  # statuses that a test provokes, so that the console may name them

    @classmethod
    def at(cls, context: BrowserContext, user_id: str, url: str, *, scripts: bool = True) -> Person:
        """Sit down at a browser that writes down every complaint."""
        person = cls(user_id, context, context.new_page(), url, scripts)
        person.page.on("console", person._hear)
        person.page.on("pageerror", lambda error: person.complaints.append(f"script error: {error}"))
        person.page.on("request", person._watch)
        return person

    # --- doing ------------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Go through the door."""
        self.page.goto(self.url + "/login")
        self.page.fill("#login", self.id)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button.btn-primary")
        self.page.wait_for_url(self.url + "/")

    def open(self, path: str) -> None:
        """Go to an address."""
        self.page.goto(self.url + path)

    def open_task(self, number: str) -> None:
        """Find a case's task in the inbox and open it."""
        self.open("/")
        self.page.locator("tbody tr").filter(has_text=number).locator("a.main").click()
        self.page.wait_for_url("**/tasks/*")

    def fill(self, values: Mapping[str, str]) -> None:
        """Fill in fields of the form by name, each in its own way, and wait where the form follows the answer."""
        for name, value in values.items():
            self._enter(self.page.locator(f'#form-body [name="{name}"]:not([type=hidden])'), value)

    def complete(self) -> None:
        """Press the form's button and wait for what follows."""
        with self.page.expect_navigation():
            self.page.click("#task-form .panel-foot .btn-primary")

    def settle(self) -> None:
        """Wait until a part of the page that was asked for again is in its place."""
        self.page.locator(BUSY).first.wait_for(state="detached")

    def _enter(self, control: Locator, value: str) -> None:
        first = control.first
        kind = first.evaluate("e => e.type")
        wanted = control.and_(self.page.locator(f'[value="{value}"]')) if kind == "radio" else first
        if not self.scripts or first.get_attribute("hx-post") is None:
            _set(wanted, kind, value)
        else:
            with self.page.expect_response(lambda answer: answer.request.method == "POST"):
                _set(wanted, kind, value)
            self.settle()

    # --- seeing -----------------------------------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        """The page's heading."""
        return _one_line(self.page.locator("h1").inner_text())

    @property
    def notes(self) -> str:
        """What the page wants said before anything else."""
        return _one_line(" ".join(self.page.locator(".note").all_inner_texts()))

    @property
    def text(self) -> str:
        """Everything that can be read on the page, in one line."""
        return _one_line(self.page.locator("main").inner_text())

    def record_state(self) -> str:
        """The state of the case's record, as its panel shows it."""
        return (
            self.page.locator("aside .panel", has=self.page.locator('h2 a[href^="/records/"]'))
            .locator(".panel-head .mark")
            .inner_text()
        )

    def standing_at(self) -> set[str]:
        """The elements of the diagram where a person's turn is, once it is drawn."""
        self.page.wait_for_selector('[data-diagram][data-ready="drawn"]')
        return set(self.page.eval_on_selector_all(".djs-element.is-active", "all => all.map(e => e.dataset.elementId)"))

    # --- judging ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Assert that the page is accessible, fits its window, and that the browser has nothing to complain about."""
        self.check_fit()
        assert self.violations() == [], self.page.url

    def check_fit(self) -> None:
        """Assert that the page fits its window, and that the browser has had nothing to complain about so far."""
        problems = [*self.complaints]
        overflow = self.page.evaluate(OVERFLOW)
        if overflow > 0:
            problems.append(f"the page is {overflow} px wider than the window")
        assert problems == [], self.page.url

    def violations(self) -> list[str]:
        """What axe-core finds that is serious or critical."""
        self.page.evaluate(AXE)
        return [
            f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
            for one in self.page.evaluate(RUN_AXE)
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type in {"error", "warning"} and not (status and int(status[1]) in self.refused):
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"http", "https", "ws", "wss"} and not request.url.startswith(
            self.url + "/"
        ):
            self.complaints.append(f"asked somebody else: {request.url}")


def _set(control: Locator, kind: str, value: str) -> None:
    if kind in {"radio", "checkbox"}:
        control.set_checked(value != "")
    elif kind == "select-one":
        control.select_option(value)
    else:
        control.fill(value)
        control.blur()


def _one_line(text: str) -> str:
    return " ".join(text.split())
