"""What a service says of itself: `$metadata`, the document of its entities in OData v2's XML (EDMX)."""

from collections.abc import Iterable
from typing import cast
from xml.etree.ElementTree import Element, SubElement, tostring

from .edm import Edm
from .entities import Entity

MEDIA = "application/xml"
NAMESPACE = "Exact.Metadata.Entity"
_EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_EDM = "http://schemas.microsoft.com/ado/2006/04/edm"


def metadata(entities: Iterable[Entity]) -> bytes:
    """Each entity with its key and the types of its properties, and the set under whose name it is served."""
    root = Element("edmx:Edmx", {"Version": "1.0", "xmlns:edmx": _EDMX})
    services = SubElement(root, "edmx:DataServices", {"m:DataServiceVersion": "2.0", "xmlns:m": _DATA})
    schema = SubElement(services, "Schema", {"Namespace": NAMESPACE, "xmlns": _EDM})
    listed = list(entities)
    for entity in listed:
        described = SubElement(schema, "EntityType", {"Name": entity.name})
        key = SubElement(described, "Key") if entity.named_by else described
        for name in entity.named_by:
            SubElement(key, "PropertyRef", {"Name": name})
        for name, kind in entity.seen.items():
            SubElement(described, "Property", _property(entity, name, kind))
    container = {"Name": "EntityContainer", "m:IsDefaultEntityContainer": "true", "xmlns:m": _DATA}
    sets = SubElement(schema, "EntityContainer", container)
    for entity in listed:
        SubElement(sets, "EntitySet", {"Name": entity.name, "EntityType": entity.type_name})
    return cast(bytes, tostring(root, encoding="utf-8", xml_declaration=True))


def _property(entity: Entity, name: str, kind: Edm) -> dict[str, str]:
    return {"Name": name, "Type": kind.name, "Nullable": "false" if name in entity.keys else "true"}
