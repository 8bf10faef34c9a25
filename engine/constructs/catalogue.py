"""All constructs of BPMN that can stand in a diagram, by chapter."""

from __future__ import annotations

from engine.constructs import activities, around, events, gateways
from engine.constructs.construct import Construct

CHAPTERS: dict[str, tuple[Construct, ...]] = {
    "Tasks": activities.TASKS,
    "Called activities": activities.CALLS,
    "Sub-processes": activities.SUB_PROCESSES,
    "Markers": activities.MARKERS,
    "Gateways": gateways.GATEWAYS,
    "Flows, starts and ends": activities.FLOWS,
    "Events": events.EVENTS,
    "More about events": events.MORE,
    "Data": around.DATA,
    "People": around.PEOPLE,
    "Collaborations and choreographies": around.TOGETHER,
    "Notes": around.NOTES,
}
CONSTRUCTS = {construct.key: construct for chapter in CHAPTERS.values() for construct in chapter}
