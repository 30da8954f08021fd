using System.Text.Encodings.Web;
using System.Text.Json;

namespace DevCluster.Schema.Json;

/// <summary>JSON as Go writes it for people: apostrophes and non-ASCII letters stay as they are.</summary>
internal static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
