using System.Text.Json.Nodes;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>Refuses invalid webhook configurations, which are stored but never called.</summary>
internal static class WebhookDefinitions
{
    private const string Form = "; desired format: https://host[/path]";

    public static void Validate(JsonObject configuration, Findings findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, hook) in configuration.Items("webhooks").Index())
        {
            var path = FieldPath.At("webhooks")[i];
            Hook(hook, path, findings);
            var name = hook.TextOrEmpty("name");
            if (name.Length > 0 && !names.Add(name))
            {
                findings.Duplicate(path["name"], name);
            }
        }
    }

    private static void Hook(JsonObject hook, FieldPath path, Findings findings)
    {
        Name(hook.TextOrEmpty("name"), path["name"], findings);
        var rules = hook.Items("rules");
        foreach (var (i, rule) in rules.Index())
        {
            RequestRules.Rule(rule, path["rules"][i], findings);
        }

        findings.OneOf(path["failurePolicy"], hook.Text("failurePolicy"), "Fail", "Ignore");
        findings.OneOf(path["matchPolicy"], hook.Text("matchPolicy"), "Equivalent", "Exact");
        findings.OneOf(path["reinvocationPolicy"], hook.Text("reinvocationPolicy"), "IfNeeded", "Never");
        findings.OneOf(path["sideEffects"], hook.Text("sideEffects"), "None", "NoneOnDryRun");
        if (!hook.Has("sideEffects"))
        {
            findings.Required(path["sideEffects"], "must specify one of None, NoneOnDryRun");
        }

        if (hook.Number("timeoutSeconds") is (< 1 or > 30) and var timeout)
        {
            findings.Invalid(
                path["timeoutSeconds"], timeout, "the timeout value must be between 1 and 30 seconds");
        }

        LabelSelectorValidation.Validate(hook.Map("namespaceSelector"), findings, path["namespaceSelector"]);
        LabelSelectorValidation.Validate(hook.Map("objectSelector"), findings, path["objectSelector"]);
        Client(hook.Map("clientConfig") ?? [], path["clientConfig"], findings);
        PolicyDefinitions.Conditions(
            hook,
            new PolicyDeclarations(hasParameters: false, hasComposition: false),
            path["matchConditions"],
            findings);
        ReviewVersions(hook, path["admissionReviewVersions"], findings);
    }

    /// <summary>A name of at least three segments, such as <c>policy.example.com</c>.</summary>
    private static void Name(string name, FieldPath path, Findings findings)
    {
        if (name.Length == 0)
        {
            findings.Required(path);
        }
        else if (NameFormats.Subdomain(name) is { Count: > 0 } problems)
        {
            findings.Invalid(path, name, string.Join(',', problems));
        }
        else if (name.Count(c => c == '.') < 2)
        {
            findings.Invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private static void ReviewVersions(JsonObject hook, FieldPath path, Findings findings)
    {
        var versions = hook.Texts("admissionReviewVersions");
        if (versions.Count == 0)
        {
            findings.Required(path, "must specify one of v1, v1beta1");
            return;
        }

        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.Take(i).Contains(versions[i]))
            {
                findings.Invalid(path[i], versions[i], "duplicate version");
            }
            else
            {
                findings.Invalid(path[i], versions[i], NameFormats.Label1035(versions[i]));
            }
        }

        if (!versions.Any(version => version is "v1" or "v1beta1"))
        {
            findings.Invalid(
                path, hook["admissionReviewVersions"], "must include at least one of v1, v1beta1");
        }
    }

    private static void Client(JsonObject client, FieldPath path, Findings findings)
    {
        switch (client.Text("url"), client.Map("service"))
        {
            case ({ } url, null):
                Address(url, path["url"], findings);
                break;
            case (null, { } service):
                Service(service, path["service"], findings);
                break;
            default:
                findings.Required(path, "exactly one of url or service is required");
                break;
        }
    }

    private static void Address(string text, FieldPath path, Findings findings)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            findings.Invalid(path, "", $"'https' is the only allowed URL scheme{Form}");
            return;
        }

        if (url.Scheme != Uri.UriSchemeHttps)
        {
            findings.Invalid(path, url.Scheme, $"'https' is the only allowed URL scheme{Form}");
        }

        if (url.Host.Length == 0)
        {
            findings.Invalid(path, "", $"host must be specified{Form}");
        }

        if (url.UserInfo.Length > 0)
        {
            findings.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        }

        if (url.Fragment.Length > 1)
        {
            findings.Invalid(path, url.Fragment[1..], "fragments are not permitted in the URL");
        }

        if (url.Query.Length > 1)
        {
            findings.Invalid(path, url.Query[1..], "query parameters are not permitted in the URL");
        }
    }

    private static void Service(JsonObject service, FieldPath path, Findings findings)
    {
        // The real server confuses the two fields here.
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (service.NonEmpty(field) is null)
            {
                findings.Required(path[field == "name" ? "namespace" : "name"]);
            }
        }

        if (service.Number("port") is (< 1 or > 65535) and var port)
        {
            findings.Invalid(path["port"], port, "port is not valid: must be between 1 and 65535, inclusive");
        }

        if (service.NonEmpty("path") is { } text and not "/")
        {
            Path(text, path["path"], findings);
        }
    }

    private static void Path(string text, FieldPath path, Findings findings)
    {
        if (text[0] != '/')
        {
            findings.Invalid(path, text, "must start with a '/'");
        }

        var steps = text[1..];
        var parts = (steps.EndsWith('/') ? steps[..^1] : steps).Split('/');
        foreach (var (i, part) in parts.Index())
        {
            if (part.Length == 0)
            {
                findings.Invalid(path, text, $"segment[{i}] may not be empty");
            }
            else
            {
                foreach (var problem in NameFormats.Subdomain(part))
                {
                    findings.Invalid(path, text, $"segment[{i}]: {problem}");
                }
            }
        }
    }
}
