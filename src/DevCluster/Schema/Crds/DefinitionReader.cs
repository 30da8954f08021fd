using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Crds;

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

    /// <summary>In the words of the real API: the definition's own, or what is to be used instead.</summary>
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
