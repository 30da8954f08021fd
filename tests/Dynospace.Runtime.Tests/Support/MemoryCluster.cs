using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>A collection in memory with a history, whose watches and lists can be disturbed at any moment.</summary>
internal sealed class MemoryCluster : IApiTransport
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, WatchEventType Type, JsonObject Object)> _history = [];
    private readonly Dictionary<string, (long Version, List<JsonObject> Objects)> _pages = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100;
    private long _oldest;
    private int _cuts;
    private int _failures;
    private int _garbled;

    public IReadOnlyDictionary<string, string> Content
    {
        get
        {
            lock (_lock)
            {
                return _objects.ToDictionary(o => o.Key, o => o.Value["data"]!["value"]!.GetValue<string>());
            }
        }
    }

    public void Set(string name, string value) => Change(name, value);

    public void Delete(string name) => Change(name, null);

    /// <summary>Forgets the history, as the API server does after some minutes.</summary>
    public void Compact() => Disturb(() =>
    {
        _oldest = _version;
        _pages.Clear();
    });

    /// <summary>Ends all running watches.</summary>
    public void CutWatches() => Disturb(() => _cuts++);

    /// <summary>Lets the next requests fail.</summary>
    public void Fail(int requests) => Disturb(() => _failures += requests);

    /// <summary>Makes the next event undecodable.</summary>
    public void Garble() => Disturb(() => _garbled++);

    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfFailing();
            var (version, objects) = (_version, _objects.Values.ToList());
            if (query.Continue is not null)
            {
                (version, objects) = _pages.TryGetValue(query.Continue, out var page) ? page : throw Gone();
            }

            var limit = query.Limit ?? int.MaxValue;
            string? next = null;
            if (objects.Count > limit)
            {
                next = Guid.NewGuid().ToString();
                _pages[next] = (version, objects[limit..]);
            }

            return Task.FromResult(ListPage.Parse(Objects.List(Text(version), objects.Take(limit), next)));
        }
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = long.Parse(query.ResourceVersion, CultureInfo.InvariantCulture);
        int cuts;
        lock (_lock)
        {
            ThrowIfFailing();
            cuts = _cuts;
        }

        while (true)
        {
            Task changed;
            WatchEvent? next = null;
            lock (_lock)
            {
                if (cuts != _cuts)
                {
                    yield break;
                }

                if (position < _oldest)
                {
                    throw Gone();
                }

                changed = _changed.Task;
                var index = _history.FindIndex(h => h.Version > position);
                if (index >= 0 && _garbled > 0)
                {
                    _garbled--;
                    throw new UndecodableEventException("garbled");
                }

                if (index >= 0)
                {
                    position = _history[index].Version;
                    next = new WatchEvent(
                        _history[index].Type, JsonSerializer.SerializeToElement(_history[index].Object));
                }
            }

            if (next is { } watchEvent)
            {
                yield return watchEvent;
            }
            else
            {
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<JsonObject> PatchAsync(
        ResourceKind kind,
        ObjectKey key,
        PatchFormat format,
        JsonNode patch,
        WriteQuery query,
        CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private static ApiException Gone() => new(new ApiStatus(HttpStatusCode.Gone, "Expired", "too old"));

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private void ThrowIfFailing()
    {
        if (_failures > 0)
        {
            _failures--;
            throw new HttpRequestException("connection refused");
        }
    }

    private void Change(string name, string? value) => Disturb(() =>
    {
        var exists = _objects.TryGetValue(name, out var known);
        if (value is null && !exists)
        {
            return;
        }

        _version++;
        var changed = value is null ? known!.DeepClone().AsObject() : Objects.ConfigMap(name, "", value);
        changed["metadata"]!["resourceVersion"] = Text(_version);
        _history.Add((_version, value is null
            ? WatchEventType.Deleted
            : exists ? WatchEventType.Modified : WatchEventType.Added, changed));
        if (value is null)
        {
            _objects.Remove(name);
        }
        else
        {
            _objects[name] = changed;
        }
    });

    private void Disturb(Action change)
    {
        lock (_lock)
        {
            change();
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
