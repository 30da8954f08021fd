using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>Answers writes and reads as a test says, and keeps what was asked.</summary>
internal sealed class FakeTransport : IApiTransport
{
    private readonly ConcurrentQueue<Call> _calls = new();

    /// <summary>What is answered; by default a write gets its content back with a new version.</summary>
    public Func<Call, JsonObject>? Answer { get; set; }

    public IReadOnlyList<Call> Calls => [.. _calls];

    /// <summary>All calls as "verb name", in order.</summary>
    public IEnumerable<string> Log => _calls.Select(c => $"{c.Verb} {c.Key.Name}");

    public static ApiException Refusal(
        HttpStatusCode code, string reason, string message = "refused", params string[] causes) =>
        new(new ApiStatus(code, reason, message) { Causes = causes });

    /// <summary>What a list answers.</summary>
    public Func<ListPage> List { get; set; } = () => throw new NotSupportedException();

    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(List());
        }
        catch (ApiException e)
        {
            return Task.FromException<ListPage>(e);
        }
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceKind kind, WatchQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
        DoAsync(new Call("get", kind, key, null, null));

    public Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        DoAsync(new Call("create", kind, JsonObjects.KeyOf(content), content, query));

    public Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        DoAsync(new Call("apply", kind, key, content, query));

    public Task<JsonObject> PatchAsync(
        ResourceKind kind,
        ObjectKey key,
        PatchFormat format,
        JsonNode patch,
        WriteQuery query,
        CancellationToken cancellationToken) =>
        DoAsync(new Call("patch", kind, key, patch as JsonObject, query) { Steps = patch as JsonArray });

    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
        DoAsync(new Call("delete", kind, key, new JsonObject { ["uid"] = query.Uid }, null));

    private Task<JsonObject> DoAsync(Call call)
    {
        call = call with { Content = call.Content?.DeepClone().AsObject() };
        _calls.Enqueue(call);
        try
        {
            return Task.FromResult(Answer?.Invoke(call) ?? Echo(call));
        }
        catch (Exception e)
        {
            return Task.FromException<JsonObject>(e);
        }
    }

    private static JsonObject Echo(Call call)
    {
        if (call.Verb == "get")
        {
            throw Refusal(HttpStatusCode.NotFound, "NotFound");
        }

        var answer = call.Content?.DeepClone().AsObject() ?? [];
        answer["metadata"] ??= new JsonObject();
        answer["metadata"]!["resourceVersion"] = "999";
        answer["metadata"]!["uid"] = "new-uid";
        return answer;
    }

    internal sealed record Call(string Verb, ResourceKind Kind, ObjectKey Key, JsonObject? Content, WriteQuery? Query)
    {
        /// <summary>The steps of a JSON patch.</summary>
        public JsonArray? Steps { get; init; }
    }
}
