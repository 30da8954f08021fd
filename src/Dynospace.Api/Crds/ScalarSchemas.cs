using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Crds;

/// <summary>Schemas of single values.</summary>
internal static class ScalarSchemas
{
    public static JsonObject? Of(Type type) => type switch
    {
        _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        _ when type == typeof(DateTime) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type.IsEnum => new JsonObject { ["type"] = "string", ["enum"] = EnumNames(type) },
        _ => null,
    };

    /// <summary>The name under which the serialiser writes an enum's value.</summary>
    public static string NameOf(Enum value)
    {
        var field = value.GetType().GetField(value.ToString());
        return field?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString();
    }

    private static JsonArray EnumNames(Type type)
    {
        if (!type.IsDefined(typeof(JsonConverterAttribute)))
        {
            throw new InvalidOperationException($"{type}: an enum goes over the wire by name, give it a JsonStringEnumConverter.");
        }

        return new JsonArray([.. Enum.GetValues(type).Cast<Enum>().Select(value => JsonValue.Create(NameOf(value)))]);
    }
}
