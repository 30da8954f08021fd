// Crds: makes the CustomResourceDefinitions in crds/ out of the resource types, their attributes and their XML
// documentation.

using System.Reflection;
using System.Text.Json.Nodes;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Crds;

/// <summary>
/// Makes a CustomResourceDefinition from a class and its attributes; the same class gives the same document, field by
/// field.
/// </summary>
internal static class CustomResourceDefinitionGenerator
{
    private const string Category = "dynospace";

    public static JsonObject Generate(Type type, XmlDocumentation documentation)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new InvalidOperationException(
                $"{type} has no KubernetesEntity attribute: add one with group, version, kind and plural.");
        var resource = type.GetCustomAttribute<CustomResourceAttribute>()
            ?? throw new InvalidOperationException($"{type} has no CustomResource attribute: add one with the scope.");
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{entity.PluralName}.{entity.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = entity.Group,
                ["scope"] = resource.Scope.ToString(),
                ["names"] = Names(entity, resource),
                ["versions"] = new JsonArray(Version(type, entity, resource, documentation)),
            },
        };
    }

    private static JsonObject Names(KubernetesEntityAttribute entity, CustomResourceAttribute resource)
    {
        var names = new JsonObject
        {
            ["kind"] = entity.Kind,
            ["listKind"] = entity.Kind + "List",
            ["plural"] = entity.PluralName,
            ["singular"] = entity.Kind.ToLowerInvariant(),
        };
        if (resource.ShortNames.Count > 0)
        {
            names["shortNames"] = new JsonArray([.. resource.ShortNames.Select(name => JsonValue.Create(name))]);
        }

        names["categories"] = new JsonArray(Category);
        return names;
    }

    private static JsonObject Version(
        Type type,
        KubernetesEntityAttribute entity,
        CustomResourceAttribute resource,
        XmlDocumentation documentation) => new()
        {
            ["name"] = entity.ApiVersion,
            ["served"] = true,
            ["storage"] = true,
            ["subresources"] = Subresources(resource),
            ["additionalPrinterColumns"] = new JsonArray(
            [.. type.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]),
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = new SchemaGenerator(documentation).ForResource(type) },
        };

    private static JsonObject Subresources(CustomResourceAttribute resource)
    {
        var subresources = new JsonObject { ["status"] = new JsonObject() };
        if (resource.SpecReplicasPath is not null)
        {
            var scale = new JsonObject
            {
                ["specReplicasPath"] = resource.SpecReplicasPath,
                ["statusReplicasPath"] = resource.StatusReplicasPath,
            };
            if (resource.LabelSelectorPath is not null)
            {
                scale["labelSelectorPath"] = resource.LabelSelectorPath;
            }

            subresources["scale"] = scale;
        }

        return subresources;
    }

    private static JsonObject Column(PrinterColumnAttribute column)
    {
        var rendered = new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["jsonPath"] = column.JsonPath,
        };
        if (column.Priority != 0)
        {
            rendered["priority"] = column.Priority;
        }

        return rendered;
    }
}
