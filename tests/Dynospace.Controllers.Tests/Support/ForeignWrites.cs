using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Testing.Applying;

namespace Dynospace.Controllers.Tests.Support;

/// <summary>What another program writes into objects of the operator.</summary>
internal static class ForeignWrites
{
    /// <summary>Adds a field of the spec, as its manager.</summary>
    public static void Add(RecordingApplier server, ObjectReference reference, string field, JsonNode value)
    {
        var content = server.Live(reference.Kind, reference.Key)!.ReadContent();
        content["spec"]![field] = value;
        content["metadata"]!["managedFields"] = new JsonArray(
            Entry(content, DynospaceGroup.FieldManager, [.. content["spec"]!.AsObject()
                .Select(member => member.Key).Where(name => name != field)]),
            Entry(content, "another", [field]));
        server.Put(reference.Kind, content);
    }

    private static JsonObject Entry(JsonObject content, string manager, IReadOnlyList<string> fields) => new()
    {
        ["manager"] = manager,
        ["operation"] = "Apply",
        ["apiVersion"] = (string)content["apiVersion"]!,
        ["fieldsType"] = "FieldsV1",
        ["fieldsV1"] = new JsonObject
        {
            ["f:spec"] = new JsonObject(fields.Select(
                name => KeyValuePair.Create<string, JsonNode?>($"f:{name}", new JsonObject()))),
        },
    };
}
