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
