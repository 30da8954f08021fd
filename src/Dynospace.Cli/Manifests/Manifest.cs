using System.Text.Json.Nodes;
using Dynospace.Runtime;

namespace Dynospace.Cli.Manifests;

/// <summary>One object of a file.</summary>
/// <param name="Source">The file, as people know it.</param>
/// <param name="Content">The object.</param>
internal sealed record Manifest(string Source, JsonObject Content)
{
    public string ApiVersion => (string?)Content["apiVersion"] ?? "";

    public string Kind => (string?)Content["kind"] ?? "";

    public ObjectKey Key => JsonObjects.KeyOf(Content);

    public override string ToString() => $"{Source}: {Kind} {Key}";
}
