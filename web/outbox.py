"""Outgoing mail: what was sent, to whom, and what is still to be sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.context import clock, me, parts
from web.listing import asked, asked_choice, asked_page
from web.sight import check_mail, check_operator

area = Blueprint("outbox", __name__, url_prefix="/mails")
STATES = ("pending", "sent", "failed")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show the mails, the newest first: with what is in other people's cases, so not to everybody."""
    check_operator()
    filters: dict[str, Any] = {"text": asked("text"), "state": asked_choice("state", ("", *STATES)) or None}
    with parts().registers.begin(me().id, clock().now()) as registers:
        page = registers.outbox.page(**filters, number=asked_page())
    return render_template("outbox/index.html", page=page, filters=filters, states=STATES)


@area.get("/<int:mail_id>")
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail as it leaves, to its recipient and to whoever may read what it is about."""
    with parts().registers.begin(me().id, clock().now()) as registers:
        mail = registers.outbox.get(mail_id)
        about = registers.load([mail.number]).get(mail.number) if mail.number else None
    check_mail(mail, about)
    return render_template("outbox/show.html", mail=mail)
