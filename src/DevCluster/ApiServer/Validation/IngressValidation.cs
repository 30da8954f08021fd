using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates Ingresses and IngressClasses.</summary>
internal static class IngressValidation
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    private static readonly string[] RefusedSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] RefusedSuffixes = ["/..", "/."];

    public static void Ingress(JsonObject ingress, JsonObject? old, Findings findings)
    {
        var (spec, path) = (ingress.Map("spec"), FieldPath.At("spec"));
        if (!spec.Has("defaultBackend") && spec.List("rules") is not { Count: > 0 })
        {
            findings.Invalid(path, null, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Map("defaultBackend") is { } backend)
        {
            Backend(backend, findings, path["defaultBackend"]);
        }

        foreach (var (i, rule) in spec.Items("rules").Index())
        {
            Rule(rule, findings, path["rules"][i]);
        }

        foreach (var (i, certificate) in spec.Items("tls").Index())
        {
            Certificate(certificate, findings, path["tls"][i]);
        }

        if (spec.Text("ingressClassName") is { } name)
        {
            findings.Invalid(path["ingressClassName"], name, NameFormats.Subdomain(name));
            if (old is null
                && ingress.Text("metadata", "annotations", ClassAnnotation) is { } annotated
                && annotated != name)
            {
                findings.Invalid(
                    FieldPath.At("annotations")[ClassAnnotation],
                    annotated,
                    "must match `ingressClassName` when both are specified");
            }
        }
    }

    public static void Class(JsonObject ingressClass, JsonObject? old, Findings findings)
    {
        var (spec, path) = (ingressClass.Map("spec"), FieldPath.At("spec"));
        var controller = spec.TextOrEmpty("controller");
        if (old is not null && controller != old.TextOrEmpty("spec", "controller"))
        {
            findings.Invalid(path["controller"], controller, "field is immutable");
        }

        DomainPrefixedPath.Validate(controller, findings, path["controller"]);
        if (spec.Map("parameters") is { } parameters)
        {
            Parameters(parameters, findings, path["parameters"]);
        }
    }

    private static void Parameters(JsonObject parameters, Findings findings, FieldPath path)
    {
        Reference(parameters, findings, path);
        var (scope, ns) = (parameters.Text("scope"), parameters.Text("namespace"));
        switch (scope)
        {
            case null:
                findings.Required(path["scope"]);
                break;
            case "Namespace" when ns is null:
                findings.Required(path["namespace"], "`parameters.scope` is set to 'Namespace'");
                break;
            case "Namespace":
                findings.Invalid(path["namespace"], ns, NameFormats.Label(ns));
                break;
            case "Cluster" when ns is not null:
                findings.Forbidden(path["namespace"], "`parameters.scope` is set to 'Cluster'");
                break;
            default:
                findings.OneOf(path["scope"], scope, "Cluster", "Namespace");
                break;
        }
    }

    private static void Certificate(JsonObject certificate, Findings findings, FieldPath path)
    {
        foreach (var (i, host) in certificate.Texts("hosts").Index())
        {
            findings.Invalid(path["hosts"][i], host, Host(host));
        }

        if (certificate.NonEmpty("secretName") is { } name)
        {
            findings.Invalid(path["secretName"], name, NameFormats.Subdomain(name));
        }
    }

    private static IReadOnlyList<string> Host(string host) => host.Contains('*', StringComparison.Ordinal)
        ? NameFormats.WildcardSubdomain(host)
        : NameFormats.Subdomain(host);

    private static void Rule(JsonObject rule, Findings findings, FieldPath path)
    {
        if (rule.NonEmpty("host") is { } host)
        {
            if (AddressFormats.TryAddress(host, out _))
            {
                findings.Invalid(path["host"], host, "must be a DNS name, not an IP address");
            }

            findings.Invalid(path["host"], host, Host(host));
        }

        if (rule.Map("http") is not { } http)
        {
            return;
        }

        var paths = http.Items("paths");
        if (paths.Count == 0)
        {
            findings.Required(path["http"]["paths"]);
        }

        for (var i = 0; i < paths.Count; i++)
        {
            Target(paths[i], findings, path["http"]["paths"][i]);
        }
    }

    private static void Target(JsonObject target, Findings findings, FieldPath path)
    {
        var text = target.TextOrEmpty("path");
        switch (target.Text("pathType"))
        {
            case null or "":
                findings.Required(path["pathType"], "pathType must be specified");
                return;
            case "Exact" or "Prefix":
                Path(text, findings, path["path"]);
                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/')
                {
                    findings.Invalid(path["path"], text, "must be an absolute path");
                }

                break;
            case var type:
                findings.NotSupported(path["pathType"], type, "Exact", "ImplementationSpecific", "Prefix");
                break;
        }

        Backend(target.Map("backend") ?? [], findings, path["backend"]);
    }

    private static void Path(string text, Findings findings, FieldPath path)
    {
        if (!text.StartsWith('/'))
        {
            findings.Invalid(path, text, "must be an absolute path");
        }

        foreach (var sequence in RefusedSequences.Where(part => text.Contains(part, StringComparison.Ordinal)))
        {
            findings.Invalid(path, text, $"must not contain '{sequence}'");
        }

        foreach (var suffix in RefusedSuffixes.Where(part => text.EndsWith(part, StringComparison.Ordinal)))
        {
            findings.Invalid(path, text, $"cannot end with '{suffix}'");
        }
    }

    private static void Backend(JsonObject backend, Findings findings, FieldPath path)
    {
        switch (backend.Map("resource"), backend.Map("service"))
        {
            case ({ }, { }):
                findings.Invalid(path, "", "cannot set both resource and service backends");
                break;
            case ({ } resource, null):
                Reference(resource, findings, path["resource"]);
                break;
            case (null, { } service):
                Service(service, findings, path);
                break;
            default:
                findings.Invalid(path, "", "resource or service backend is required");
                break;
        }
    }

    private static void Service(JsonObject service, Findings findings, FieldPath path)
    {
        if (service.NonEmpty("name") is { } name)
        {
            findings.Invalid(path["service"]["name"], name, NameFormats.Label(name));
        }
        else
        {
            findings.Required(path["service"]["name"]);
        }

        var port = path["service"]["port"];
        switch (service.NonEmpty("port", "name"), service.NumberOrZero("port", "number"))
        {
            case (null, 0):
                findings.Required(path, "port name or number is required");
                break;
            case (null, var number):
                findings.Port(port["number"], number);
                break;
            case ({ } named, 0):
                findings.Invalid(port["name"], named, NameFormats.PortName(named));
                break;
            default:
                findings.Invalid(path, "", "cannot set both port name & port number");
                break;
        }
    }

    private static void Reference(JsonObject reference, Findings findings, FieldPath path)
    {
        if (reference.Text("apiGroup") is { } group)
        {
            findings.Invalid(path["apiGroup"], group, NameFormats.Subdomain(group));
        }

        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (reference.NonEmpty(field) is { } text)
            {
                findings.Invalid(path[field], text, NameFormats.PathSegment(text));
            }
            else
            {
                findings.Required(path[field]);
            }
        }
    }
}

/// <summary>Names with a domain prefix, such as <c>example.com/controller</c>.</summary>
internal static class DomainPrefixedPath
{
    public static void Validate(string text, Findings findings, FieldPath path)
    {
        var parts = text.Split('/', 2);
        if (text.Length == 0)
        {
            findings.Required(path);
        }
        else if (parts is [{ Length: > 0 } domain, { Length: > 0 }])
        {
            findings.Invalid(path, domain, NameFormats.Subdomain(domain));
        }
        else
        {
            findings.Invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }
}
