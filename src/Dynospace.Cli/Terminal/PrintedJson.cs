using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Cli.Terminal;

/// <summary>JSON for standard output: indented, with the same line ends on every system.</summary>
public static class PrintedJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>For lines of JSON.</summary>
    public static JsonSerializerOptions OnOneLine { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Format(JsonNode value) => value.ToJsonString(Options) + "\n";
}
