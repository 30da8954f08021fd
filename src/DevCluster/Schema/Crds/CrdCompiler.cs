using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>Turns a CustomResourceDefinition into resources that can be served, or says why not.</summary>
public static class CrdCompiler
{
    /// <summary>
    /// Compiles a CRD with all its schemas and CEL rules; with <paramref name="old"/>, checks the update too.
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
        var storage = versions.FirstOrDefault(version => JsonScalars.AsBoolean(version["storage"]) == true);
        return new CrdCompilation(
            [
                .. versions.Where(version => JsonScalars.AsBoolean(version["served"]) == true)
                    .Select(version => DefinitionReader.Read(spec, version)),
            ],
            [],
            JsonScalars.AsString(storage?["name"]));
    }
}
