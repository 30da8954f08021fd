using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Ingresses.</summary>
internal static class IngressValidation
{
    public static void Validate(JsonObject ingress, JsonObject? old, Findings findings)
    {
        var (spec, path) = (ingress.Map("spec"), FieldPath.Of("spec"));
        if (!spec.Has("defaultBackend") && spec.List("rules") is not { Count: > 0 })
        {
            findings.Invalid(path, null, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Map("defaultBackend") is { } backend)
        {
            Backend(backend, findings, path["defaultBackend"]);
        }

        var index = 0;
        foreach (var rule in spec.Items("rules"))
        {
            Rule(rule, findings, path["rules"][index++]);
        }
    }

    private static void Rule(JsonObject rule, Findings findings, FieldPath path)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
            findings.Invalid(path["host"], host, NameFormats.Subdomain(name));
        }

        var index = 0;
        foreach (var target in rule.Items("http", "paths"))
        {
            var at = path["http"]["paths"][index++];
            switch (target.Text("pathType"))
            {
                case null or "":
                    findings.Required(at["pathType"], "pathType must be specified");
                    break;
                case "Exact" or "Prefix" when target.Text("path")?.StartsWith('/') != true:
                    findings.Invalid(at["path"], target.Text("path") ?? "", "must be an absolute path");
                    break;
                case var type:
                    findings.OneOf(at["pathType"], type, "Exact", "ImplementationSpecific", "Prefix");
                    break;
            }

            Backend(target.Map("backend") ?? [], findings, at["backend"]);
        }
    }

    private static void Backend(JsonObject backend, Findings findings, FieldPath path)
    {
        if (backend.Has("resource"))
        {
            if (backend.Has("service"))
            {
                findings.Invalid(path, "", "cannot set both resource and service backends");
            }
        }
        else if (backend.Map("service") is not { } service)
        {
            findings.Invalid(path, "", "resource or service backend is required");
        }
        else if (string.IsNullOrEmpty(service.Text("name")))
        {
            findings.Required(path["service"]["name"]);
        }
        else if (service.Number("port", "number") is null or 0 && string.IsNullOrEmpty(service.Text("port", "name")))
        {
            findings.Required(path, "port name or number is required");
        }
    }
}
