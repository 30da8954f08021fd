// Crds: validates CustomResourceDefinitions and compiles their versions into schemas.

using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Compiles a CustomResourceDefinition into the resources to serve, or into the reasons why it is invalid.
/// </summary>
public static class CrdCompiler
{
    /// <summary>
    /// Compiles a CRD with all its schemas and CEL rules; with <paramref name="old"/>, also validates the update.
    /// </summary>
    public static CrdCompilation Compile(JsonObject crd, JsonObject? old = null)
    {
        ArgumentNullException.ThrowIfNull(crd);
        var errors = CrdValidator.Validate(crd, old);
        if (errors.Count > 0)
        {
            return new CrdCompilation([], errors, null);
        }

        var spec = crd["spec"]!.AsObject();
        var versions = spec["versions"]!.AsArray().OfType<JsonObject>().ToList();
        var storage = versions.FirstOrDefault(version => version.IsTrue("storage"));
        return new CrdCompilation(
            [
                .. versions.Where(version => version.IsTrue("served"))
                    .Select(version => DefinitionReader.Read(spec, version)),
            ],
            [],
            storage.Text("name"));
    }
}

/// <summary>The result of compiling a CustomResourceDefinition.</summary>
/// <param name="Definitions">One for each served version, in the order of the CRD; empty if there are errors.</param>
/// <param name="Errors">Why the CRD is refused, in the words of the real API; empty if it is valid.</param>
/// <param name="StorageVersion">The storage version; null if there are errors.</param>
public sealed record CrdCompilation(
    IReadOnlyList<ResourceDefinition> Definitions,
    IReadOnlyList<FieldError> Errors,
    string? StorageVersion);

/// <summary>
/// The location of per-version fields in the real API's findings: at the top of the spec if all versions have the same
/// value, otherwise at the version.
/// </summary>
internal sealed class CrdLayout(IReadOnlyList<JsonObject> versions)
{
    private static readonly FieldPath Spec = FieldPath.At("spec");

    /// <summary>
    /// The path of a version's <paramref name="keyword"/>; <paramref name="shared"/> is its name at the top of the
    /// spec.
    /// </summary>
    public FieldPath PathOf(int index, string keyword, string shared) =>
        IsShared(keyword) ? Spec[shared] : Spec["versions"][index][keyword];

    /// <summary>Shared values are checked once, with the first version.</summary>
    public bool IsCheckedWith(int index, string keyword) => index == 0 || !IsShared(keyword);

    private bool IsShared(string keyword) =>
        versions.All(version => JsonNode.DeepEquals(version[keyword], versions[0][keyword]));
}

/// <summary>Reads one version of a valid CRD.</summary>
internal static class DefinitionReader
{
    public static ResourceDefinition Read(JsonObject spec, JsonObject version)
    {
        var names = spec["names"]!.AsObject();
        var kind = (string)names["kind"]!;
        var subresources = version["subresources"] as JsonObject;
        return new ResourceDefinition
        {
            Id = new ResourceId((string)spec["group"]!, (string)names["plural"]!),
            Version = (string)version["name"]!,
            Kind = kind,
            ListKind = names.Text("listKind") ?? kind + "List",
            Singular = names.Text("singular") ?? kind.ToLowerInvariant(),
            IsNamespaced = (string)spec["scope"]! == "Namespaced",
            Schema = SchemaReader.ReadRoot(version["schema"]?["openAPIV3Schema"] as JsonObject),
            ShortNames = names.Texts("shortNames"),
            Categories = names.Texts("categories"),
            HasStatus = subresources?["status"] is JsonObject,
            Scale = ReadScale(subresources?["scale"] as JsonObject),
            Columns = CustomColumns.Read(version["additionalPrinterColumns"] as JsonArray),
            SelectableFields =
            [
                .. (version["selectableFields"] as JsonArray ?? [])
                    .Select(field => field.Text("jsonPath")?.TrimStart('.')).OfType<string>(),
            ],
            IsCustom = true,
            DeprecationWarning = Deprecation(spec, version, kind),
        };
    }

    /// <summary>The CRD's own warning, or the real API's default warning, which names the successor.</summary>
    private static string? Deprecation(JsonObject spec, JsonObject version, string kind)
    {
        if (!version.IsTrue("deprecated"))
        {
            return null;
        }

        if (version.Text("deprecationWarning") is { } own)
        {
            return own;
        }

        var group = (string)spec["group"]!;
        var warning = $"{group}/{(string)version["name"]!} {kind} is deprecated";
        var successor = spec["versions"]!.AsArray().OfType<JsonObject>()
            .FirstOrDefault(other => other.IsTrue("served")
                && !other.IsTrue("deprecated"));
        return successor is null ? warning : $"{warning}; use {group}/{(string)successor["name"]!} {kind}";
    }

    private static ScaleSubresource? ReadScale(JsonObject? scale) => scale is null ? null : new ScaleSubresource(
        (string)scale["specReplicasPath"]!,
        (string)scale["statusReplicasPath"]!,
        scale.Text("labelSelectorPath"));
}
