using System.Text;
using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>Makes events of a watch's lines.</summary>
internal static class WatchEventReader
{
    /// <summary>Reads one line; the document must outlive the event.</summary>
    public static WatchEvent Read(ReadOnlyMemory<byte> line, out JsonDocument document)
    {
        document = Parse(line);
        try
        {
            var root = document.RootElement;
            if (JsonMembers.Child(root, "object", JsonValueKind.Object) is not { } value)
            {
                throw new UndecodableEventException($"A line of the watch has no object: {Shape(line)}.");
            }

            return JsonMembers.Text(root, "type") switch
            {
                "ADDED" => new WatchEvent(WatchEventType.Added, value),
                "MODIFIED" => new WatchEvent(WatchEventType.Modified, value),
                "DELETED" => new WatchEvent(WatchEventType.Deleted, value),
                "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, value),
                "ERROR" => throw new ApiException(ApiStatusReader.Read(value)),
                _ => throw new UndecodableEventException($"A line of the watch has no known type: {Shape(line)}."),
            };
        }
        catch (Exception)
        {
            document.Dispose();
            throw;
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new UndecodableEventException($"A line of the watch is not JSON: {Shape(line)}.", e);
        }
    }

    /// <summary>Tells lines apart in a log without showing what objects hold.</summary>
    private static string Shape(ReadOnlyMemory<byte> line) =>
        $"{line.Length} bytes that begin with '{Encoding.ASCII.GetString(line.Span[..Math.Min(16, line.Length)])}'";
}
