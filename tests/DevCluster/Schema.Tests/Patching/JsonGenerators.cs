using System.Text.Json.Nodes;
using CsCheck;

namespace DevCluster.Schema.Tests.Patching;

/// <summary>Small JSON values over few names, so that documents overlap.</summary>
internal static class JsonGenerators
{
    private static readonly Gen<string> Name = Gen.OneOf("a", "b", "c", "d/e", "f~g");

    private static readonly Gen<JsonNode?> Scalar = Gen.OneOf(
        Gen.Int[0, 3].Select(i => (JsonNode?)JsonValue.Create(i)),
        Gen.OneOf("x", "y", "").Select(s => (JsonNode?)JsonValue.Create(s)),
        Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b)));

    public static Gen<JsonObject> Object(bool nulls) => ObjectOf(Value(3, nulls));

    private static Gen<JsonNode?> Value(int depth, bool nulls)
    {
        var leaf = nulls ? Gen.OneOf(Scalar, Gen.Const((JsonNode?)null)) : Scalar;
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Value(depth - 1, nulls);
        return Gen.OneOf(
            leaf,
            ObjectOf(inner).Select(o => (JsonNode?)o),
            Value(depth - 1, nulls: false).List[0, 3].Select(
                items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())])));
    }

    private static Gen<JsonObject> ObjectOf(Gen<JsonNode?> value) => Gen.Dictionary(Name, value)[0, 4].Select(members =>
        new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))));
}
