"""Outgoing mail: what was sent, to whom, and what is still to be sent."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.context import parts
from web.listing import asked, asked_page

area = Blueprint("outbox", __name__, url_prefix="/mails")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show the mails, the newest first."""
    filters = {"number": asked("number", 64), "recipient": asked("recipient", 64)}
    page = parts().registers.mails(**filters, page=asked_page())
    return render_template("outbox/index.html", page=page, filters=filters)


@area.get("/<int:mail_id>")
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail as it leaves."""
    mail = parts().registers.mail(mail_id)
    return render_template("outbox/show.html", mail=mail)
