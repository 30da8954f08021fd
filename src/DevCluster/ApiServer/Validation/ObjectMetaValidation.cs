// Validation: the rules of metadata and of built-in kinds in the words of the real API, one file for each group of
// kinds.

using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates names, labels, annotations, owner references and finalizers of every kind.</summary>
internal static class ObjectMetaValidation
{
    private const int AnnotationsLimit = 256 * 1024;

    /// <summary>
    /// Exempt, because the server's finalizer customresourcecleanup.apiextensions.k8s.io is not a qualified name.
    /// </summary>
    private const string Definitions = "apiextensions.k8s.io";

    private static readonly string[] StandardFinalizers = ["kubernetes", "orphan", "foregroundDeletion"];

    public static void Validate(JsonObject metadata, ResourceId resource, Findings findings)
    {
        var path = FieldPath.At("metadata");
        Name(metadata, resource, findings, path);
        Labels(metadata.Map("labels"), findings, path["labels"]);
        Annotations(metadata, findings, path["annotations"]);
        OwnerReferences(metadata, findings, path["ownerReferences"]);
        Finalizers(metadata, resource, findings, path["finalizers"]);
    }

    public static void Labels(JsonObject? labels, Findings findings, FieldPath path)
    {
        foreach (var (key, value) in labels ?? [])
        {
            findings.Invalid(path, key, NameFormats.QualifiedName(key));
            var text = value.Text() ?? "";
            findings.Invalid(path, text, NameFormats.LabelValue(text));
        }
    }

    public static void Annotations(JsonNode metadata, Findings findings, FieldPath path)
    {
        var size = 0;
        foreach (var (key, value) in metadata.Map("annotations") ?? [])
        {
            findings.Invalid(path, key, NameFormats.QualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.Text() ?? "");
        }

        if (size > AnnotationsLimit)
        {
            findings.TooLong(path, AnnotationsLimit);
        }
    }

    /// <summary>Validates a finalizer in the spec of a namespace.</summary>
    public static void Finalizer(string finalizer, Findings findings, FieldPath path)
    {
        findings.Invalid(path, finalizer, NameFormats.QualifiedName(finalizer));
        Qualified(finalizer, findings, path);
    }

    private static void Qualified(string finalizer, Findings findings, FieldPath path)
    {
        if (!finalizer.Contains('/', StringComparison.Ordinal) && !StandardFinalizers.Contains(finalizer))
        {
            findings.Invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }

    private static void Name(JsonObject metadata, ResourceId resource, Findings findings, FieldPath path)
    {
        var format = ObjectNames.For(resource);
        if (metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            findings.Invalid(path["generateName"], prefix, format(NameGenerator.Probe(prefix)));
        }

        if (metadata.Text("name") is { Length: > 0 } name)
        {
            findings.Invalid(path["name"], name, format(name));
        }
        else
        {
            findings.Required(path["name"], "name or generateName is required");
        }
    }

    private static void OwnerReferences(JsonObject metadata, Findings findings, FieldPath path)
    {
        var controllers = new List<JsonObject>();
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            OwnerReference(owner, findings, path);
            if (owner.Flag("controller") == true)
            {
                controllers.Add(owner);
            }
        }

        if (controllers.Count > 1)
        {
            static string Show(JsonObject owner) => $"{owner.Text("kind")}/{owner.Text("name")}";
            findings.Invalid(
                path,
                metadata.List("ownerReferences")?.DeepClone(),
                "Only one reference can have Controller set to true. Found \"true\" in references for " +
                $"{Show(controllers[0])} and {Show(controllers[1])}");
        }
    }

    private static void OwnerReference(JsonObject owner, Findings findings, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
        {
            if (string.IsNullOrEmpty(owner.Text(field)))
            {
                findings.Invalid(
                    path[field], "", field == "apiVersion" ? "version must not be empty" : "must not be empty");
            }
        }

        if (owner.Text("apiVersion") == "v1" && owner.Text("kind") == "Event")
        {
            findings.Invalid(path, owner.DeepClone(), "/v1, Kind=Event is disallowed from being an owner");
        }
    }

    private static void Finalizers(JsonObject metadata, ResourceId resource, Findings findings, FieldPath path)
    {
        var finalizers = metadata.Texts("finalizers").ToList();
        foreach (var (index, finalizer) in finalizers.Index())
        {
            findings.Invalid(path, finalizer, NameFormats.QualifiedName(finalizer));
            if (KnownResources.IsBuiltIn(resource) && resource.Group != Definitions)
            {
                Qualified(finalizer, findings, path[index]);
            }
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            findings.Invalid(
                path,
                metadata.List("finalizers")?.DeepClone(),
                "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }
}

/// <summary>Validates a meta/v1 LabelSelector.</summary>
internal static class LabelSelectorValidation
{
    public static void Validate(JsonObject? selector, Findings findings, FieldPath path)
    {
        ObjectMetaValidation.Labels(selector.Map("matchLabels"), findings, path["matchLabels"]);
        foreach (var (index, requirement) in selector.Items("matchExpressions").Index())
        {
            Requirement(requirement, findings, path["matchExpressions"][index]);
        }
    }

    /// <summary>Whether a selector has no requirements, which most kinds refuse.</summary>
    public static bool IsEmpty(JsonObject selector) =>
        selector.Map("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 };

    private static void Requirement(JsonObject requirement, Findings findings, FieldPath path)
    {
        var values = requirement.Texts("values").ToList();
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                findings.Required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "In" or "NotIn":
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                findings.Forbidden(
                    path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Exists" or "DoesNotExist":
                break;
            case var unknown:
                findings.Invalid(path["operator"], unknown ?? "", "not a valid selector operator");
                break;
        }

        findings.Invalid(
            path["key"], requirement.Text("key") ?? "", NameFormats.QualifiedName(requirement.Text("key") ?? ""));
        foreach (var (index, value) in values.Index())
        {
            findings.Invalid(path["values"][index], value, NameFormats.LabelValue(value));
        }
    }
}

/// <summary>The name format of each resource.</summary>
internal static class ObjectNames
{
    private static readonly FrozenDictionary<ResourceId, Func<string, IEnumerable<string>>> Rules =
        new Dictionary<ResourceId, Func<string, IEnumerable<string>>>
        {
            [KnownResources.Namespaces] = NameFormats.Label,
            [KnownResources.Services] = NameFormats.Label,
            [KnownResources.StatefulSets] = NameFormats.Label,
            [KnownResources.CronJobs] = CronJob,
            [KnownResources.Roles] = NameFormats.PathSegment,
            [KnownResources.RoleBindings] = NameFormats.PathSegment,
            [KnownResources.ClusterRoles] = NameFormats.PathSegment,
            [KnownResources.ClusterRoleBindings] = NameFormats.PathSegment,
        }.ToFrozenDictionary();

    public static Func<string, IEnumerable<string>> For(ResourceId resource) =>
        Rules.GetValueOrDefault(resource, NameFormats.Subdomain);

    // The Jobs of a CronJob append eleven characters, and their names must fit in a label.
    private static IEnumerable<string> CronJob(string name) =>
        name.Length > 52 ? ["must be no more than 52 characters"] : NameFormats.Subdomain(name);
}
