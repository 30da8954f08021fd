using System.Text.Json.Nodes;
using Dynospace.Api.Crds;

namespace Dynospace.Api.Tests.Crds;

/// <summary>The CRDs by plural name, fresh from the types.</summary>
internal static class GeneratedCrds
{
    public static IReadOnlyDictionary<string, JsonObject> All { get; } = Generate();

    public static JsonObject Version(string plural) => All[plural]["spec"]!["versions"]![0]!.AsObject();

    public static JsonObject Schema(string plural) => Version(plural)["schema"]!["openAPIV3Schema"]!.AsObject();

    private static Dictionary<string, JsonObject> Generate()
    {
        var documentation = XmlDocumentation.Beside(typeof(DynospaceGroup).Assembly);
        return CustomResourceTypes.All
            .Select(type => CustomResourceDefinitionGenerator.Generate(type, documentation))
            .ToDictionary(crd => (string)crd["spec"]!["names"]!["plural"]!);
    }
}
