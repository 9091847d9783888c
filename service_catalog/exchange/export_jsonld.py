"""The catalogue as linked data: schema.org's GovernmentService with the terms of CPSV-AP 3.

For portals and search engines that read services from elsewhere. Drafts are left out: nobody has
checked them. Days count as ISO 8601 durations; 工作日 have none and stay words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service_catalog.catalog import Catalog
from service_catalog.model import (
    Channels,
    FeeItem,
    Hours,
    Material,
    Place,
    RemoteChannel,
    Service,
    TimeLimit,
    Unit,
    WindowChannel,
)

CONTEXT: Mapping[str, Any] = {
    "@vocab": "https://schema.org/",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "@language": "zh-CN",
}
_CHANNELS = {
    "online": "网上办",
    "app": "掌上办",
    "terminal": "自助办",
    "post": "邮寄办",
    "home_visit": "上门办",
    "helper": "帮办代办",
}
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

Node = dict[str, Any]


def linked_data(catalog: Catalog, base: str = "urn:banshi:") -> Node:
    """The whole catalogue as one JSON-LD document.

    Args:
        catalog: What to tell.
        base: What the ids of services and places begin with; a hall's own address, if it has one.
    """
    writer = _Writer(catalog, base)
    return {"@context": dict(CONTEXT), "@graph": list(writer.graph())}


def write_jsonld(catalog: Catalog, target: Path, base: str = "urn:banshi:") -> None:
    """Write the document to `target`, replacing an older one once the new one is whole."""
    fresh = target.with_name(f".{target.name}.new")
    try:
        text = json.dumps(linked_data(catalog, base), ensure_ascii=False, indent=1)
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _some(node: Mapping[str, Any]) -> Node:
    """A node without what is not known."""
    return {key: value for key, value in node.items() if value not in (None, "", [], {}, ())}


def duration(limit: TimeLimit | None) -> str | None:
    """A time limit as an ISO 8601 duration where there is one, else in words."""
    if limit is None:
        return None
    exact = {Unit.DAY: "P{}D", Unit.MONTH: "P{}M", Unit.HOUR: "PT{}H"}.get(limit.unit)
    return exact.format(limit.number) if exact else f"{limit.number}个{limit.unit.value}"


class _Writer:
    """Makes the nodes of one catalogue."""

    def __init__(self, catalog: Catalog, base: str) -> None:
        self._catalog, self._base = catalog, base

    def _id(self, kind: str, name: str) -> str:
        return f"{self._base}{kind}{'/' if '/' in self._base else ':'}{name}"

    def graph(self) -> Iterator[Node]:
        hall = self._catalog.hall
        yield _some(
            {
                "@id": self._id("hall", "hall"),
                "@type": ["GovernmentOffice", "cv:PublicOrganisation"],
                "name": hall.name,
                "areaServed": hall.district,
                "telephone": str(hall.phones.enquiry),
            }
        )
        for place in self._catalog.places.values():
            yield self._place(place)
        for service in self._catalog.services.values():
            yield self._service(service)

    def _place(self, place: Place) -> Node:
        position = place.position and {
            "@type": "GeoCoordinates",
            "latitude": place.position.latitude,
            "longitude": place.position.longitude,
        }
        return _some(
            {
                "@id": self._id("place", place.id),
                "@type": ["GovernmentOffice", "dct:Location"],
                "name": place.name,
                "address": place.address,
                "telephone": place.phone,
                "geo": position,
                "openingHoursSpecification": list(_opening(place.hours)),
            }
        )

    def _service(self, service: Service) -> Node:
        office = {
            "@type": ["GovernmentOrganization", "cv:PublicOrganisation"],
            "name": service.department,
        }
        return _some(
            {
                "@id": self._id("service", service.id),
                "@type": ["GovernmentService", "cpsv:PublicService"],
                "dct:identifier": service.task_code or service.id,
                "identifier": list(_codes(service)),
                "name": service.name,
                "dct:title": service.name,
                "alternateName": list(service.aliases),
                "serviceType": service.kind.value,
                "category": list(service.themes),
                "serviceOperator": office,
                "cv:hasCompetentAuthority": office,
                "provider": {"@id": self._id("hall", "hall")},
                "areaServed": self._catalog.hall.district,
                "audience": [
                    {"@type": "Audience", "audienceType": one.value} for one in service.audience
                ],
                "cpsv:hasLegalResource": [
                    {"@type": "eli:LegalResource", "dct:title": one} for one in service.basis
                ],
                "cv:hasCriterion": [
                    {"@type": "cv:Criterion", "dct:description": one.text}
                    for one in service.conditions
                ],
                "cpsv:hasInput": [_evidence(one) for one in service.materials],
                "cpsv:produces": [
                    {"@type": "cpsv:Output", "dct:title": one} for one in service.results
                ],
                "serviceOutput": [{"@type": "Thing", "name": one} for one in service.results],
                "cv:processingTime": duration(service.promised_limit or service.legal_limit),
                "cv:hasCost": [_cost(one) for one in service.fee.items],
                "offers": [_offer(one) for one in service.fee.items],
                "isAccessibleForFree": not service.fee.items,
                "availableChannel": list(self._channels(service.channels)),
                "cv:hasContactPoint": _some(
                    {
                        "@type": ["ContactPoint", "cv:ContactPoint"],
                        "telephone": str(service.phones.enquiry),
                        "cv:telephone": str(service.phones.enquiry),
                        "contactType": "咨询电话",
                    }
                ),
                "termsOfService": service.scope,
                "dct:modified": service.checked_on.isoformat(),
                "dct:issued": service.effective_from.isoformat(),
            }
        )

    def _channels(self, channels: Channels) -> Iterator[Node]:
        for window in channels.window:
            yield self._window(window)
        for key, title in _CHANNELS.items():
            channel: RemoteChannel | None = getattr(channels, key)
            if channel is not None:
                yield _some(
                    {
                        "@type": ["ServiceChannel", "cv:Channel"],
                        "name": f"{title}：{channel.name}",
                        "serviceUrl": channel.url,
                        "servicePhone": channel.phone,
                        "description": channel.note,
                    }
                )

    def _window(self, window: WindowChannel) -> Node:
        return _some(
            {
                "@type": ["ServiceChannel", "cv:Channel"],
                "name": f"窗口办理：{'、'.join(window.windows)}",
                "serviceLocation": {"@id": self._id("place", window.place)},
                "description": window.note,
            }
        )


def _codes(service: Service) -> Iterator[Node]:
    codes = {"事项编号": service.id, "基本编码": service.base_code, "实施编码": service.task_code}
    for title, code in codes.items():
        if code:
            yield {"@type": "PropertyValue", "propertyID": title, "value": str(code)}


def _evidence(material: Material) -> Node:
    return _some(
        {
            "@type": "cv:Evidence",
            "dct:title": material.name,
            "dct:description": material.when or material.note,
            "cv:need": material.need.value,
        }
    )


def _cost(item: FeeItem) -> Node:
    return {
        "@type": "cv:Cost",
        "cv:value": f"{item.amount:f}",
        "cv:currency": "CNY",
        "dct:description": f"{item.name}（每{item.unit}）",
    }


def _offer(item: FeeItem) -> Node:
    return {
        "@type": "Offer",
        "name": item.name,
        "price": f"{item.amount:f}",
        "priceCurrency": "CNY",
    }


def _opening(hours: Hours) -> Iterator[Node]:
    days = [(_DAYS, hours.workdays), (["Saturday"], hours.saturday), (["Sunday"], hours.sunday)]
    for names, periods in days:
        for period in periods:
            yield {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": names,
                "opens": f"{period.start:%H:%M}",
                "closes": f"{period.end:%H:%M}",
            }
