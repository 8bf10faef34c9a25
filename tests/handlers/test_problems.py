"""Problems and known errors: what their handlers write, and how records are linked."""

from __future__ import annotations

from handlers.known_errors import (
    KeepKnownError,
    PublishFinalArticle,
    RecordKnownError,
    RetireKnownError,
    TellIncident,
    keep,
    publish_article,
    record,
    retire,
    tell_incident,
)
from handlers.problems import (
    CloseProblem,
    CountRecurrence,
    MergeProblem,
    OpenProblem,
    ResolveProblem,
    close,
    count_recurrence,
    merge,
    open_problem,
    resolve,
)
from tests.handlers.conftest import Unit, at

ALIKE = {"title": "Again", "ci": "SRV-BJ1-102", "category": "host"}


def test_problem_takes_from_its_incident_what_the_message_leaves_out(unit: Unit, incident: str) -> None:
    """Source alone is enough: title, item, category and customer come from the incident, and it points back."""
    with unit() as registers:
        number = open_problem(OpenProblem(source=incident), registers=registers).number
        about, source = registers.get(number), registers.get(incident)
        assert (about["origin"], about["title"], about["ci"]) == ("incident", source["title"], source["ci"])
        assert source["problem"] == number
        assert [link.other.number for link in registers.links(number)].count(incident) == 1


def test_incident_of_two_problems_is_linked_with_both(unit: Unit, incident: str) -> None:
    """Its first problem stays in its field; the second is a link beside it, seen from both ends."""
    with unit() as registers:
        first = open_problem(OpenProblem(source=incident), registers=registers).number
        second = open_problem(OpenProblem(title="Other", incidents=[incident]), registers=registers).number
        assert registers.get(incident)["problem"] == first
        assert {link.other.number for link in registers.links(incident)} >= {first, second}
        assert incident in {link.other.number for link in registers.links(second)}


def test_merging_gives_every_incident_to_the_other_problem(unit: Unit, incident: str) -> None:
    """An incident whose field names the duplicate changes over, one that is only linked gets a link."""
    with unit() as registers:
        first = open_problem(OpenProblem(title="First"), registers=registers).number
        second = open_problem(OpenProblem(source=incident), registers=registers).number
        third = open_problem(OpenProblem(title="Third", incidents=[incident]), registers=registers).number
        merge(MergeProblem(second, first), registers=registers)
        assert registers.get(incident)["problem"] == first
        merge(MergeProblem(third, second), registers=registers)
        assert second in {link.other.number for link in registers.links(incident)}


def test_change_that_raises_a_problem_is_linked(unit: Unit) -> None:
    """A source that is no incident is linked as what raised the problem."""
    with unit() as registers:
        change = registers.open("change", {"title": "New firmware"}).number
        number = open_problem(OpenProblem(source=change, symptoms="It failed"), registers=registers).number
        assert registers.get(number)["origin"] == "change"
        assert [(link.kind, link.other.number) for link in registers.links(number)] == [("raised", change)]


def test_only_incidents_after_the_solution_recur(unit: Unit, incident: str) -> None:
    """Incidents before the solution, cancelled ones and those of another category don't count."""
    with unit("2025-03-03 10:00") as registers:
        number = open_problem(OpenProblem(source=incident, **ALIKE), registers=registers).number
        assert resolve(ResolveProblem(number, 30), registers=registers).verify_at == at("2025-04-02 10:00")
    with unit("2025-03-20 10:00") as registers:
        again = registers.open("incident", {**ALIKE, "reported_at": registers.now}).number
        wrong = registers.open("incident", {**ALIKE, "reported_at": registers.now}).number
        registers.transition(wrong, "cancelled")
        registers.open("incident", {**ALIKE, "category": "backup", "reported_at": registers.now})
        counted = count_recurrence(CountRecurrence(number, at("2025-03-05 10:00")), registers=registers)
        assert (counted.recurrence, counted.recurred) == (1, [again])
        assert registers.get(again)["problem"] == number


def test_known_error_lives_as_long_as_its_fault(unit: Unit, incident: str) -> None:
    """It is recorded once, brought up to date, found by searches, kept with its reason, and retired."""
    with unit() as registers:
        number = open_problem(OpenProblem(source=incident, **ALIKE), registers=registers).number
        found = record(RecordKnownError(number), registers=registers)
        assert (found.open_incidents, registers.get(found.known_error)["fix_status"]) == ([incident], "unresolved")
        registers.update(number, {"root_cause_found": True, "workaround": "Restart"})
        assert record(RecordKnownError(number, found.known_error), registers=registers).known_error == found.known_error
        assert registers.get(found.known_error)["workaround"] == "Restart"
        keep(KeepKnownError(found.known_error, "accepted"), registers=registers)
        assert registers.knowledge.suggest("Again", category="host")[0].record.number == found.known_error
        retire(RetireKnownError(found.known_error), registers=registers)
    with unit() as registers:
        assert found.known_error not in {s.record.number for s in registers.knowledge.suggest("Again", category="host")}


def test_unassigned_incident_tells_the_desk(unit: Unit, incident: str) -> None:
    """While nobody works on an incident, the role in the assignee's place hears of the workaround."""
    with unit() as registers:
        said = {"known_error": "KE-2025-00001", "problem": "PRB-2025-00001", "workaround": "Restart"}
        tell_incident(TellIncident(incident, said, "service_desk"), registers=registers)
        mails = registers.outbox.about(incident)
        assert {mail.recipient for mail in mails} == {"u_desk1", "u_desk2"}
        assert all("Restart" in mail.body for mail in mails)
        assert registers.get(incident)["known_error"] is None


def test_final_article_names_author_and_approver(unit: Unit) -> None:
    """The article holds solution and workaround and stands in the problem's record when it is closed."""
    with unit() as registers:
        number = open_problem(OpenProblem(title="Leak"), registers=registers).number
        registers.update(number, {"root_cause": "Firmware", "solution": "Update", "workaround": "Restart"})
        article = registers.get(publish_article(PublishFinalArticle(number), registers=registers).article)
        close(CloseProblem(number, "solved"), registers=registers)
        about = registers.get(number)
    assert (article.state, article["solution"], article["kind"]) == ("published", "Update\n\nRestart", "known_error")
    assert (about["article"], about["closure"]) == (article.number, "solved")
