using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>One page of a collection. Its items live in pooled memory and are gone when the page is disposed.</summary>
public sealed class ListPage : IDisposable
{
    private readonly JsonDocument _document;

    internal ListPage(JsonDocument document)
    {
        _document = document;
        if (document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            ResourceVersion = JsonMembers.Text(metadata, "resourceVersion") ?? "";
            Continue = JsonMembers.Text(metadata, "continue") is { Length: > 0 } token ? token : null;
        }
    }

    /// <summary>The version of the whole list, the same on every page; a watch starts here.</summary>
    public string ResourceVersion { get; } = "";

    /// <summary>The token of the next page; null on the last.</summary>
    public string? Continue { get; }

    /// <summary>The objects of this page; built-in kinds come without <c>apiVersion</c> and <c>kind</c>.</summary>
    public IEnumerable<JsonElement> Items =>
        _document.RootElement.ValueKind == JsonValueKind.Object
        && _document.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : [];

    /// <summary>Makes a page of JSON text, for tests and other transports.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ListPage Parse(string json) => new(JsonDocument.Parse(json));

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
