"""The WSDL of the VoIP Innovations service, written from the same tables as the replies.

`python -m portal.sandbox.soap_wsdl` writes `wsdl/voip_innovations.wsdl`; a test compares the two.
`{address}` in the file stands for the address that was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from portal.sandbox.soap_types import TYPES, Field
from portal.sandbox.soap_voip_innovations import METHODS
from portal.sandbox.soap_wire import NAMESPACE, Method

TARGET = Path(__file__).with_name("wsdl") / "voip_innovations.wsdl"
HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"
    xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}"
    targetNamespace="{NAMESPACE}">
  <wsdl:types>
    <s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">
"""
CREDENTIALS = (Field("login", "string"), Field("secret", "string"))


def describe(methods: Iterable[Method]) -> str:
    """Return the WSDL of some operations and of every type they use."""
    methods = sorted(methods, key=lambda method: method.name.lower())
    return "".join(
        [
            HEAD,
            *(text for method in methods for text in _elements(method)),
            *_types(methods),
            "    </s:schema>\n  </wsdl:types>\n",
            *(text for method in methods for text in _messages(method)),
            *_port_type(methods),
            *(text for version in ("", "12") for text in _binding(methods, version)),
            _service(),
            "</wsdl:definitions>\n",
        ]
    )


def _xml_type(field: Field) -> str:
    if field.is_list:
        return f"tns:{_array_name(field)}"
    return f"s:{field.type}" if field.is_scalar else f"tns:{field.type}"


def _array_name(field: Field) -> str:
    return f"ArrayOf{field.type[0].upper()}{field.type[1:]}"


def _sequence(fields: Iterable[Field], indent: str) -> str:
    """Write a sequence: strings, records and containers may be missing, other scalars may not."""
    lines = []
    for field in fields:
        may_miss = field.is_list or not field.is_scalar or field.type in ("string", "base64Binary")
        nillable = ' nillable="true"' if field.is_nillable else ""
        lines.append(
            f'{indent}  <s:element minOccurs="{0 if may_miss else 1}" maxOccurs="1"'
            f' name="{field.name}"{nillable} type="{_xml_type(field)}" />\n'
        )
    return f"{indent}<s:sequence>\n{''.join(lines)}{indent}</s:sequence>\n"


def _elements(method: Method) -> Iterator[str]:
    result = (Field(f"{method.name}Result", method.returns),)
    for name, fields in (
        (method.name, (*CREDENTIALS, *method.fields)),
        (f"{method.name}Response", result),
    ):
        inner = _sequence(fields, " " * 10)
        yield (
            f'      <s:element name="{name}">\n        <s:complexType>\n{inner}'
            "        </s:complexType>\n      </s:element>\n"
        )


def _types(methods: Iterable[Method]) -> Iterator[str]:
    """Write the types in use, each followed by what it holds."""
    waiting = [field for method in methods for field in method.fields]
    waiting += [Field(method.returns, method.returns) for method in methods]
    written: set[str] = set()
    while waiting:
        field = waiting.pop(0)
        if field.is_list and _array_name(field) not in written:
            written.add(_array_name(field))
            yield _array(field)
        if not field.is_scalar and field.type not in written:
            written.add(field.type)
            yield (
                f'      <s:complexType name="{field.type}">\n'
                f"{_sequence(TYPES[field.type], ' ' * 8)}      </s:complexType>\n"
            )
            waiting += TYPES[field.type]


def _array(field: Field) -> str:
    plain = Field(field.type, field.type)
    return (
        f'      <s:complexType name="{_array_name(field)}">\n        <s:sequence>\n'
        f'          <s:element minOccurs="0" maxOccurs="unbounded" name="{field.type}"'
        f' nillable="true" type="{_xml_type(plain)}" />\n'
        "        </s:sequence>\n      </s:complexType>\n"
    )


def _messages(method: Method) -> Iterator[str]:
    for suffix, element in (("In", method.name), ("Out", f"{method.name}Response")):
        yield (
            f'  <wsdl:message name="{method.name}Soap{suffix}">\n'
            f'    <wsdl:part name="parameters" element="tns:{element}" />\n  </wsdl:message>\n'
        )


def _port_type(methods: Iterable[Method]) -> Iterator[str]:
    yield '  <wsdl:portType name="APIServiceSoap">\n'
    for method in methods:
        yield (
            f'    <wsdl:operation name="{method.name}">\n'
            f'      <wsdl:input message="tns:{method.name}SoapIn" />\n'
            f'      <wsdl:output message="tns:{method.name}SoapOut" />\n    </wsdl:operation>\n'
        )
    yield "  </wsdl:portType>\n"


def _binding(methods: Iterable[Method], version: str) -> Iterator[str]:
    prefix = f"soap{version}"
    yield (
        f'  <wsdl:binding name="APIServiceSoap{version}" type="tns:APIServiceSoap">\n'
        f'    <{prefix}:binding transport="http://schemas.xmlsoap.org/soap/http" />\n'
    )
    for method in methods:
        body = f'<{prefix}:body use="literal" />'
        yield (
            f'    <wsdl:operation name="{method.name}">\n'
            f'      <{prefix}:operation soapAction="{NAMESPACE}{method.name}" style="document" />\n'
            f"      <wsdl:input>{body}</wsdl:input>\n      <wsdl:output>{body}</wsdl:output>\n"
            "    </wsdl:operation>\n"
        )
    yield "  </wsdl:binding>\n"


def _service() -> str:
    ports = "".join(
        f'    <wsdl:port name="APIServiceSoap{version}" binding="tns:APIServiceSoap{version}">\n'
        f'      <soap{version}:address location="{{address}}" />\n    </wsdl:port>\n'
        for version in ("", "12")
    )
    return f'  <wsdl:service name="APIService">\n{ports}  </wsdl:service>\n'


def main() -> None:
    """Write the file."""
    TARGET.write_text(describe(METHODS.values()), encoding="utf-8")


if __name__ == "__main__":
    main()
