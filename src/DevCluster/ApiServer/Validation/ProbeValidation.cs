using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Probes and lifecycle hooks.</summary>
internal static class ProbeValidation
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

    public static void Probe(JsonObject? probe, bool endsContainer, Findings findings, FieldPath path)
    {
        if (probe is null)
        {
            return;
        }

        Handler(probe, findings, path);
        foreach (var field in (ReadOnlySpan<string>)
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            findings.NonNegative(path[field], probe.Number(field));
        }

        if (endsContainer && probe.Number("successThreshold") is not (null or 1) and var threshold)
        {
            findings.Invalid(path["successThreshold"], threshold, "must be 1");
        }

        if (probe.Number("terminationGracePeriodSeconds") is <= 0 and var grace)
        {
            findings.Invalid(path["terminationGracePeriodSeconds"], grace, "must be greater than 0");
        }
    }

    public static void Hook(JsonObject? hook, Findings findings, FieldPath path)
    {
        if (hook is not null)
        {
            Handler(hook, findings, path);
        }
    }

    private static void Handler(JsonObject target, Findings findings, FieldPath path)
    {
        var given = Handlers.Where(kind => target.Has(kind)).ToList();
        if (given.Count == 0)
        {
            findings.Required(path, "must specify a handler type");
            return;
        }

        foreach (var extra in given.Skip(1))
        {
            findings.Forbidden(path[extra], "may not specify more than 1 handler type");
        }

        var handler = target.Map(given[0]);
        var at = path[given[0]];
        switch (given[0])
        {
            case "exec" when handler.List("command") is not { Count: > 0 }:
                findings.Required(at["command"]);
                break;
            case "httpGet":
                findings.PortReference(at["port"], handler?["port"]);
                findings.OneOf(at["scheme"], handler.Text("scheme"), "HTTP", "HTTPS");
                break;
            case "tcpSocket" or "grpc":
                findings.PortReference(at["port"], handler?["port"]);
                break;
        }
    }
}
