using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;

namespace Dynospace.Cli.Client;

/// <summary>
/// Reads objects as <see cref="JsonObjects"/> does, but uses compiler-generated readers for the product's kinds:
/// creating them by reflection takes half of the time of a short command.
/// </summary>
public static class ClientJson
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    /// <summary>The typed object of JSON.</summary>
    public static T To<T>(JsonElement element)
        where T : class =>
        (T?)element.Deserialize(Options.GetTypeInfo(typeof(T)))
        ?? throw new JsonException($"null is not a {typeof(T).Name}.");

    /// <inheritdoc cref="To{T}(JsonElement)"/>
    public static T To<T>(JsonNode node)
        where T : class =>
        (T?)node.Deserialize(Options.GetTypeInfo(typeof(T)))
        ?? throw new JsonException($"null is not a {typeof(T).Name}.");

    /// <summary>
    /// KubernetesClient's own options, which have generated readers for the built-in kinds. Its converter, which
    /// creates readers of enums by reflection, is left out: the generated readers convert their enums themselves.
    /// </summary>
    private static JsonSerializerOptions CreateOptions()
    {
        var created = new JsonSerializerOptions(JsonObjects.Options);
        foreach (var converter in created.Converters.OfType<JsonStringEnumConverter>().ToList())
        {
            created.Converters.Remove(converter);
        }

        created.TypeInfoResolverChain.Insert(0, ClientKindsJson.Default);
        created.MakeReadOnly();
        return created;
    }
}

/// <summary>The generated readers.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Space))]
[JsonSerializable(typeof(App))]
[JsonSerializable(typeof(Dyno))]
[JsonSerializable(typeof(EgressGateway))]
[JsonSerializable(typeof(NodeNetwork))]
internal sealed partial class ClientKindsJson : JsonSerializerContext;
