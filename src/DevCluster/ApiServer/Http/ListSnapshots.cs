using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// The rest of lists that are being read in pages. Objects are immutable, so holding on to a snapshot costs references
/// only; the oldest are forgotten, which their readers meet as 410, like after etcd's compaction.
/// </summary>
internal sealed class ListSnapshots(int limit = 256)
{
    private readonly Dictionary<string, (List<StoredObject> Objects, long Revision)> _snapshots = new(
        StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Keeps a snapshot and returns the token for the page that begins at <paramref name="offset"/>.</summary>
    public string Keep(List<StoredObject> objects, long revision, int offset)
    {
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        lock (_snapshots)
        {
            _snapshots[id] = (objects, revision);
            _order.Enqueue(id);
            if (_order.Count > limit)
            {
                _snapshots.Remove(_order.Dequeue());
            }
        }

        return Token(id, revision, offset);
    }

    /// <exception cref="ApiStatusException">400: no token of this server; 410: forgotten.</exception>
    public (string Id, List<StoredObject> Objects, long Revision, int Offset) Resume(string token)
    {
        var (id, offset) = Read(token);
        lock (_snapshots)
        {
            return _snapshots.TryGetValue(id, out var snapshot)
                ? (id, snapshot.Objects, snapshot.Revision, offset)
                : throw ApiErrors.Expired(
                    "The provided continue parameter is too old to display a consistent list result. You must start a "
                    + "new list without "
                    + "the continue parameter.");
        }
    }

    public static string Token(string id, long revision, int offset)
    {
        var content = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = $"{id}/{offset}" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(content.ToJsonString()))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');
    }

    private static (string Id, int Offset) Read(string token)
    {
        try
        {
            var base64 = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            var parts = ((string)JsonNode.Parse(bytes)!["start"]!).Split('/');
            return (parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is FormatException or JsonException or InvalidOperationException
            or NullReferenceException)
        {
            throw ApiErrors.BadRequest(
                "invalid continue token: continue key is not valid: it is not one that this server gave");
        }
    }
}
