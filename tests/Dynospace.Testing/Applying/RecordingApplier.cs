using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Testing.Applying;

/// <summary>
/// The real applier over an API server in memory that keeps the order of writes and can refuse any of them. With it a
/// test of a reconciler states in which order it writes, and what it leaves undone when the third write fails.
/// </summary>
/// <remarks>
/// One write at a time, so that the order is the same on each run. Objects that were written can be read again, but no
/// cache hears of them: a test that needs them observed decodes them itself with <see cref="Live"/>.
/// </remarks>
public sealed class RecordingApplier
{
    private readonly RecordingTransport _transport = new();

    /// <summary>Makes an applier with the marks that the operator under test uses.</summary>
    public RecordingApplier(ApplierOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Applier = new Applier(_transport, options with { Concurrency = 1 }, NullLogger<Applier>.Instance, clock);
    }

    /// <summary>What a reconciler is given.</summary>
    public IApplier Applier { get; }

    /// <summary>The transport below, for reconcilers that also read.</summary>
    public IApiTransport Transport => _transport;

    /// <summary>
    /// All writes in order, refused ones included: <c>apply Service acme/shop</c>, <c>status App acme/shop</c>,
    /// <c>create</c>, <c>patch</c> and <c>delete</c> alike.
    /// </summary>
    public IReadOnlyList<string> Writes => [.. _transport.Writes.Select(write => write.ToString())];

    /// <summary>The same with what was sent; a deletion has no content.</summary>
    public IReadOnlyList<RecordedWrite> Details => _transport.Writes;

    /// <summary>All lists in order: <c>list App acme</c>, or <c>list Space</c> for all namespaces.</summary>
    public IReadOnlyList<string> Lists => _transport.Lists;

    /// <summary>Refuses the n-th write, counted from 1, and no other.</summary>
    public RecordingApplier RefuseWrite(
        int number, HttpStatusCode code = HttpStatusCode.Forbidden, string reason = "Forbidden") =>
        Refuse((count, _) => count == number ? Refusal(code, reason) : null);

    /// <summary>
    /// Refuses each write that a text describes, such as <c>create Pod acme/shop-web-1</c> or <c>Pod</c>.
    /// </summary>
    public RecordingApplier RefuseWrites(
        string containing,
        HttpStatusCode code = HttpStatusCode.Forbidden,
        string reason = "Forbidden",
        string message = "refused by the test") =>
        Refuse((_, write) => write.ToString().Contains(containing, StringComparison.Ordinal)
            ? Refusal(code, reason, message)
            : null);

    /// <summary>Lets each write through from here on.</summary>
    public RecordingApplier RefuseNothing() => Refuse((_, _) => null);

    /// <summary>Forgets the writes so far and counts from 1 again; objects stay.</summary>
    public void Forget() => _transport.Forget();

    /// <summary>Puts an object there, as another client would.</summary>
    public void Put(ResourceKind kind, JsonObject content) => _transport.Put(kind, content);

    /// <summary>Changes each object that is applied before it is stored, as a mutating webhook does.</summary>
    public void Mutate(Action<ResourceKind, JsonObject> mutation) => _transport.Mutation = mutation;

    /// <summary>An object as the API server holds it now; null when there is none.</summary>
    public LiveObject? Live(ResourceKind kind, ObjectKey key) => _transport.Find(kind, key) is { } content
        ? LiveObject.Decode(kind, JsonSerializer.SerializeToElement(content))
        : null;

    /// <summary>An API server's refusal.</summary>
    public static ApiException Refusal(HttpStatusCode code, string reason, string message = "refused by the test") =>
        new(new ApiStatus(code, reason, message));

    private RecordingApplier Refuse(Func<int, RecordedWrite, ApiException?> refusal)
    {
        _transport.Refusal = refusal;
        return this;
    }

    /// <summary>
    /// Keeps objects and writes. Applies are merged over what is there, which is as much as order needs.
    /// </summary>
    private sealed class RecordingTransport : IApiTransport
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<ObjectReference, JsonObject> _objects = [];
        private readonly List<RecordedWrite> _writes = [];
        private readonly List<string> _lists = [];
        private long _version;

        public IReadOnlyList<string> Lists
        {
            get
            {
                lock (_lock)
                {
                    return [.. _lists];
                }
            }
        }

        public Func<int, RecordedWrite, ApiException?> Refusal { get; set; } = (_, _) => null;

        public Action<ResourceKind, JsonObject> Mutation { get; set; } = (_, _) => { };

        public IReadOnlyList<RecordedWrite> Writes
        {
            get
            {
                lock (_lock)
                {
                    return [.. _writes];
                }
            }
        }

        public void Forget()
        {
            lock (_lock)
            {
                _writes.Clear();
            }
        }

        public JsonObject? Find(ResourceKind kind, ObjectKey key)
        {
            lock (_lock)
            {
                return _objects.GetValueOrDefault(new ObjectReference(kind, key))?.DeepClone().AsObject();
            }
        }

        public JsonObject Put(ResourceKind kind, JsonObject content)
        {
            lock (_lock)
            {
                var reference = new ObjectReference(kind, JsonObjects.KeyOf(content));
                var known = _objects.GetValueOrDefault(reference);
                var merged = known?.DeepClone().AsObject() ?? [];
                foreach (var (name, value) in content)
                {
                    merged[name] = value?.DeepClone();
                }

                merged["apiVersion"] = kind.ApiVersion;
                merged["kind"] = kind.Kind;
                var metadata = merged["metadata"]!.AsObject();
                metadata["uid"] = known?["metadata"]?["uid"]?.DeepClone() ?? metadata["uid"]?.DeepClone()
                    ?? $"uid-{_objects.Count + 1}";
                metadata["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
                _objects[reference] = merged;
                return merged.DeepClone().AsObject();
            }
        }

        public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
            Find(kind, key) is { } found ? Task.FromResult(found) : Task.FromException<JsonObject>(NotFound());

        public Task<JsonObject> CreateAsync(
            ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
            WriteAsync(
                new RecordedWrite("create", new ObjectReference(kind, JsonObjects.KeyOf(content)), content), () =>
                Find(kind, JsonObjects.KeyOf(content)) is null
                    ? Put(kind, content)
                    : throw RecordingApplier.Refusal(HttpStatusCode.Conflict, "AlreadyExists"));

        public Task<JsonObject> ApplyAsync(
            ResourceKind kind,
            ObjectKey key,
            JsonObject content,
            WriteQuery query,
            CancellationToken cancellationToken) =>
            WriteAsync(new RecordedWrite(query.Subresource ?? "apply", new ObjectReference(kind, key), content), () =>
                query.Subresource is not null
                    ? SetStatus(kind, key, content)
                    : query.Force ? Put(kind, Mutated(kind, content)) : Shared(kind, key, content, query));

        public Task<JsonObject> PatchAsync(
            ResourceKind kind,
            ObjectKey key,
            PatchFormat format,
            JsonNode patch,
            WriteQuery query,
            CancellationToken cancellationToken) =>
            WriteAsync(new RecordedWrite("patch", new ObjectReference(kind, key), patch as JsonObject), () =>
                Patched(kind, key, patch));

        public Task DeleteAsync(
            ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
            WriteAsync(new RecordedWrite("delete", new ObjectReference(kind, key), null), () =>
                Deleted(kind, key, query.Uid));

        public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                _lists.Add(query.Namespace is null ? $"list {kind.Kind}" : $"list {kind.Kind} {query.Namespace}");
                var items = _objects
                    .Where(known => known.Key.Kind == kind
                        && (query.Namespace ?? known.Key.Key.Namespace) == known.Key.Key.Namespace)
                    .Select(known => known.Value.DeepClone()).ToArray();
                var list = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["resourceVersion"] = _version.ToString(
                        CultureInfo.InvariantCulture)
                    },
                    ["items"] = new JsonArray(items),
                };
                return Task.FromResult(ListPage.Parse(list.ToJsonString()));
            }
        }

        public async IAsyncEnumerable<WatchEvent> WatchAsync(
            ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        private static ApiException NotFound() => RecordingApplier.Refusal(HttpStatusCode.NotFound, "NotFound");

        private Task<JsonObject> WriteAsync(RecordedWrite write, Func<JsonObject> act)
        {
            lock (_lock)
            {
                _writes.Add(write with { Content = write.Content?.DeepClone().AsObject() });
                try
                {
                    return Refusal(_writes.Count, write) is { } refusal
                        ? Task.FromException<JsonObject>(refusal)
                        : Task.FromResult(act());
                }
                catch (ApiException e)
                {
                    return Task.FromException<JsonObject>(e);
                }
            }
        }

        private JsonObject Mutated(ResourceKind kind, JsonObject content)
        {
            var stored = content.DeepClone().AsObject();
            Mutation(kind, stored);
            return stored;
        }

        private JsonObject SetStatus(ResourceKind kind, ObjectKey key, JsonObject content)
        {
            var found = Find(kind, key) ?? throw NotFound();
            found["status"] = content["status"]?.DeepClone();
            return Put(kind, found);
        }

        /// <summary>
        /// An apply without force is one to another client's object: merged into it, with the field manager on record.
        /// </summary>
        private JsonObject Shared(ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query)
        {
            var found = Find(kind, key) ?? throw NotFound();
            Merge(found, content);
            var metadata = found["metadata"]!.AsObject();
            var others = (metadata["managedFields"] as JsonArray ?? [])
                .Where(entry => entry?["manager"]?.GetValue<string>() != query.FieldManager)
                .Select(entry => entry?.DeepClone());
            metadata["managedFields"] = new JsonArray([
                .. others,
                new JsonObject
                {
                    ["manager"] = query.FieldManager,
                    ["operation"] = "Apply",
                    ["fieldsV1"] = Fields(content),
                },
            ]);
            return Put(kind, found);
        }

        private static JsonObject Fields(JsonObject content) => new(content.Select(member => KeyValuePair.Create(
            $"f:{member.Key}",
            (JsonNode?)(member.Value is JsonObject nested ? Fields(nested) : new JsonObject()))));

        private JsonObject Patched(ResourceKind kind, ObjectKey key, JsonNode patch)
        {
            var found = Find(kind, key) ?? throw NotFound();
            if (patch is JsonArray operations)
            {
                Change(found, operations);
            }
            else
            {
                Merge(found, patch.AsObject());
            }

            return Put(kind, found);
        }

        /// <summary>A JSON patch that removes members.</summary>
        private static void Change(JsonObject target, JsonArray operations)
        {
            foreach (var operation in operations)
            {
                var steps = ((string)operation!["path"]!).Split('/')[1..];
                switch ((string)operation["op"]!)
                {
                    case "test" when steps is ["metadata", "resourceVersion"]:
                        if ((string?)operation["value"] != (string?)target["metadata"]?["resourceVersion"])
                        {
                            throw RecordingApplier.Refusal(HttpStatusCode.Conflict, "Conflict");
                        }

                        break;
                    case "remove":
                        steps[..^1].Aggregate((JsonNode)target, (node, step) => node[step]!).AsObject()
                            .Remove(steps[^1]);
                        break;
                    case var unknown:
                        throw new NotSupportedException($"A JSON patch that does {unknown} cannot be recorded.");
                }
            }
        }

        private JsonObject Deleted(ResourceKind kind, ObjectKey key, string? uid)
        {
            var found = Find(kind, key) ?? throw NotFound();
            if (uid is not null && found["metadata"]!["uid"]!.GetValue<string>() != uid)
            {
                throw RecordingApplier.Refusal(HttpStatusCode.Conflict, "Conflict");
            }

            _objects.Remove(new ObjectReference(kind, key));
            return found;
        }

        private static void Merge(JsonObject target, JsonObject patch)
        {
            foreach (var (name, value) in patch)
            {
                switch (value)
                {
                    case null:
                        target.Remove(name);
                        break;
                    case JsonObject members when target[name] is JsonObject known:
                        Merge(known, members);
                        break;
                    default:
                        target[name] = value.DeepClone();
                        break;
                }
            }
        }
    }
}

/// <summary>One write.</summary>
/// <param name="Verb">create, apply, patch, delete, or the name of the subresource that was applied.</param>
/// <param name="Reference">Which object.</param>
/// <param name="Content">What was sent; null for a deletion.</param>
public sealed record RecordedWrite(string Verb, ObjectReference Reference, JsonObject? Content)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Reference}";
}
