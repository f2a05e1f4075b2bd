"""What a document says of itself: XMP that names PDF/A-3a and PDF/UA-1, the information dictionary, and the colours' profile."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from assessor_app import __version__, paths

_made: Any = generic  # its constructors carry no types

#: The extension schema that PDF/A asks for, since its own list of properties is older than PDF/UA.
_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{made}</xmp:CreateDate><xmp:ModifyDate>{made}</xmp:ModifyDate><xmp:CreatorTool>{tool}</xmp:CreatorTool>
<pdf:Producer>{tool}</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_TOOL: Final = f"Asesor {__version__}"


def describe(writer: Any, *, title: str, author: str, language: str, made: datetime) -> None:
    """Give the document its title, author, language and dates, and show the title where a reader would show the file's name."""
    title, author = (_printable(words) for words in (title, author))
    packet = _XMP.format(title=escape(title), author=escape(author), language=language, made=made.isoformat(timespec="seconds"),
                         tool=_TOOL)
    stream = _made.StreamObject(stream_data=packet.encode())
    stream[pdf_name("/Type")], stream[pdf_name("/Subtype")] = pdf_name("/Metadata"), pdf_name("/XML")
    root = writer.root
    root[pdf_name("/Metadata")] = writer.add_object(stream)
    root[pdf_name("/Lang")] = generic.pdf_string(language)
    root[pdf_name("/ViewerPreferences")] = _dictionary({"/DisplayDocTitle": _made.BooleanObject(True)})
    stamp = generic.pdf_date(made.replace(microsecond=0))
    writer.set_info(writer.add_object(_dictionary({
        "/Title": generic.TextStringObject(title), "/Author": generic.TextStringObject(author),
        "/Creator": generic.TextStringObject(_TOOL), "/Producer": generic.TextStringObject(_TOOL), "/CreationDate": stamp,
        "/ModDate": stamp})))
    writer._update_meta = lambda: None  # pyHanko would name itself and another moment


def colours(writer: Any) -> None:
    """Say that the colours are sRGB, by a profile inside."""
    profile = _made.StreamObject(
        _plain({"/N": _made.NumberObject(3)}), stream_data=(paths.resources() / "colour" / "sRGB.icc").read_bytes())
    profile.compress()
    writer.root[pdf_name("/OutputIntents")] = generic.ArrayObject([writer.add_object(_dictionary({
        "/Type": pdf_name("/OutputIntent"), "/S": pdf_name("/GTS_PDFA1"),
        "/OutputConditionIdentifier": generic.TextStringObject("sRGB"), "/Info": generic.TextStringObject("sRGB"),
        "/DestOutputProfile": writer.add_object(profile)}))])


def _printable(words: str) -> str:
    """Return words as XML may hold them: without control characters, lone surrogates and what XML forbids."""
    return "".join(c for c in words if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) & 0xFFFE != 0xFFFE)


def _plain(values: dict[str, Any]) -> dict[Any, Any]:
    return {pdf_name(name): value for name, value in values.items()}


def _dictionary(values: dict[str, Any]) -> Any:
    return _made.DictionaryObject(_plain(values))
