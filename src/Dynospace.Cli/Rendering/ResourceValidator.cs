using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Validation;
using Dynospace.Cli.Manifests;

namespace Dynospace.Cli.Rendering;

/// <summary>Checks custom resources as the API server would, by their definitions: unknown fields, schema, defaults and CEL rules.</summary>
internal sealed class ResourceValidator
{
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceDefinition> _definitions;

    /// <exception cref="CliException">A definition is itself invalid.</exception>
    public ResourceValidator(IEnumerable<Manifest> manifests) => _definitions = manifests
        .Where(manifest => manifest.Kind == "CustomResourceDefinition")
        .SelectMany(Compile)
        .GroupBy(definition => ($"{definition.Id.Group}/{definition.Version}", definition.Kind))
        .ToDictionary(same => same.Key, same => same.Last());

    /// <summary>Fills in defaults and says what is wrong, field, value and remedy; nothing of a kind that no definition describes.</summary>
    public IReadOnlyList<string> DefaultAndCheck(Manifest manifest)
    {
        if (!_definitions.TryGetValue((manifest.ApiVersion, manifest.Kind), out var definition))
        {
            return [];
        }

        // What a cluster once said of the object is no wish.
        manifest.Content.Remove("status");
        var unknown = SchemaPruner.Prune(manifest.Content, definition.Schema, dryRun: true);
        SchemaDefaulter.Default(manifest.Content, definition.Schema);
        return
        [
            .. unknown.Select(field => $"{manifest}: {field}: unknown field: correct its name or remove it"),
            .. SchemaValidator.Validate(manifest.Content, null, definition.Schema)
                .Select(error => $"{manifest}: {(error.Field.Length == 0 ? "" : error.Field + ": ")}{error.Message}"),
        ];
    }

    private static IReadOnlyList<ResourceDefinition> Compile(Manifest manifest)
    {
        var compilation = CrdCompiler.Compile((JsonObject)manifest.Content.DeepClone());
        return compilation.Errors is [var error, ..]
            ? throw new CliException($"{manifest} is refused: {error.Field}: {error.Message}")
            : compilation.Definitions;
    }
}
