"""AWS CloudTrail events of model services, and Amazon Bedrock's model invocation log: where inference really ran.

A call to an inference profile goes to the endpoint of one region and may run in another; both logs then name that region.
Source: AWS CloudTrail User Guide, "CloudTrail record contents"; Amazon Bedrock User Guide, "Monitor model invocation" and
"Increase throughput with cross-Region inference" (read 2026-11).

A call of a profile is logged in the region that received it, and ``inferenceRegion`` tells where it ran; where a profile's
call does not tell, nobody knows. A call of a model itself runs in the region that received it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs.fields import address, host_name
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.record import Action, LogFlow, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import CLOUDTRAIL
from auditor.traffic.logs.values import Values

_SOURCES = {"bedrock.amazonaws.com": "bedrock-runtime", "sagemaker.amazonaws.com": "runtime.sagemaker"}
"""Services that run models, and the first labels of the endpoints of their run-time calls."""
_CALLS = frozenset(
    {
        "InvokeModel", "InvokeModelWithResponseStream", "InvokeModelWithBidirectionalStream", "Converse", "ConverseStream",
        "InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream", "StartAsyncInvoke", "InvokeAgent",
        "InvokeFlow", "InvokeInlineAgent", "Retrieve", "RetrieveAndGenerate", "CountTokens", "ApplyGuardrail",
        "CreateModelInvocationJob",
    }
)  # fmt: skip


def _recognise(head: Head) -> bool:
    return any("eventSource" in record or record.get("schemaType") == "ModelInvocationLog" for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        for line, record in records(file, CLOUDTRAIL):
            values, place = Values(record, task.coverage), Place(file.id, line)
            task.coverage.records += 1
            if record.get("schemaType") == "ModelInvocationLog":
                task.coverage.word(task.coverage.versions, f"invocation {values.text('schemaVersion')}")
                yield _invocation(place, values)
            elif values.text("eventSource") in _SOURCES and values.text("eventName") in _CALLS:
                task.coverage.word(task.coverage.versions, f"event {values.text('eventVersion')}")
                yield _event(place, values)
            else:
                task.coverage.saw(values.iso("eventTime"))
                task.coverage.word(task.coverage.passed_over, f"source:{values.text('eventSource') or 'unnamed'}")


def _event(place: Place, values: Values) -> LogFlow:
    time, region = values.iso("eventTime"), values.text("awsRegion")
    shown = host_name(values.inner("tlsDetails").text("clientProvidedHostHeader"))
    asked, more = values.inner("requestParameters"), values.inner("additionalEventData")
    caller = values.text("sourceIPAddress")
    error = values.text("errorCode")
    evidence = {
        "service": values.text("eventSource"),
        "operation": values.text("eventName"),
        "region": region,
        "inference_region": more.text("inferenceRegion"),
        "model": asked.text("modelId") or asked.text("endpointName"),
        "vpc_endpoint": values.text("vpcEndpointId"),
        "error": error,
        "called_by": "" if address(caller) else caller,
    }
    endpoint = f"{_SOURCES[values.text('eventSource')]}.{region}.amazonaws.com"
    return _flow(place, values, time, (shown, endpoint), address(caller), values.inner("userIdentity"), evidence)


def _invocation(place: Place, values: Values) -> LogFlow:
    region = values.text("region")
    evidence = {
        "service": "bedrock.amazonaws.com",
        "operation": values.text("operation"),
        "region": region,
        "inference_region": values.text("inferenceRegion"),
        "model": values.text("modelId"),
        "error": values.text("errorCode"),
        "input_tokens": values.inner("input").text("inputTokenCount"),
        "output_tokens": values.inner("output").text("outputTokenCount"),
    }
    endpoint = f"bedrock-runtime.{region}.amazonaws.com"
    return _flow(place, values, values.iso("timestamp"), ("", endpoint), "", values.inner("identity"), evidence)


def _flow(
    place: Place,
    values: Values,
    time: int | None,
    names: tuple[str, str],
    caller: str,
    identity: Values,
    evidence: dict[str, str],
) -> LogFlow:
    """Return the call as a flow: ``names`` are the host that the caller showed, and the endpoint of the service in its region.

    A refused call is data all the same: what it carried has reached the provider.
    """
    values.coverage.saw(time)
    shown, endpoint = names
    if not shown:
        values.coverage.note("name_from_service_and_region")
    arn = identity.text("arn")
    return LogFlow(
        place=place,
        start=time,
        end=time,
        src_addr=caller,
        dst_port=443,
        transport=Transport.TCP,
        name=shown or endpoint,
        name_rung=NameRung.HTTP_HOST if shown else NameRung.ADDRESS_RANGE,
        app_protocol="tls",
        sighting=Sighting.DATA,
        action=Action.DENIED if evidence["error"] else Action.PASSED,
        action_word=evidence["error"],
        reporter=values.text("recipientAccountId") or values.text("accountId"),
        flow_key=values.text("requestID") or values.text("requestId"),
        source=Workload(
            "", arn.rpartition("/")[2] or arn, "identity", "", identity.text("accountId") or values.text("accountId")
        ),
        evidence=tuple(sorted((word, text) for word, text in evidence.items() if text)),
        ran_in=_ran_in(endpoint, evidence),
    )


def _ran_in(endpoint: str, evidence: dict[str, str]) -> str:
    """Return the endpoint of the region that the call ran in, empty where the log does not tell."""
    received, ran = evidence["region"], evidence.get("inference_region", "")
    model = evidence["model"]
    if not received or evidence["error"] or (not ran and (not model or _is_profile(model))):
        return ""
    return endpoint.replace(f".{received}.", f".{ran}.") if ran else endpoint


def _is_profile(model: str) -> bool:
    """Return whether a model id may send a call to another region: a profile, by its ARN or by a geography in front.

    A model's own id is ``vendor.model``, that of a profile ``geography.vendor.model`` (``eu``, ``us-gov``, ``global``, …).
    """
    return "profile/" in model or model.rpartition("/")[2].partition(":")[0].count(".") > 1


FORMAT = LogFormat(
    "cloudtrail",
    "AWS CloudTrail and Bedrock model invocation log",
    _recognise,
    _read,
    (Blind.ADDRESSES, Blind.COUNTS, Blind.OTHER_SERVICES),
)
