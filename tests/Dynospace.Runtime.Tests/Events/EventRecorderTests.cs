using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Events;
using Dynospace.Runtime.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Events;

public sealed class EventRecorderTests : IAsyncDisposable
{
    private static readonly OwnerIdentity Tenant = new(Objects.Tenants, new ObjectKey("ns", "shop"), "u1");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.Zero));
    private readonly FakeTransport _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _written = new(0);
    private readonly EventRecorder _recorder;
    private Task _running = Task.CompletedTask;

    public EventRecorderTests()
    {
        _recorder = new EventRecorder(
            _api,
            new EventRecorderOptions { Component = "op", Instance = "op-1", QueueCapacity = 4 },
            _clock,
            NullLogger<EventRecorder>.Instance);
        _api.Answer = _ => Written();
    }

    [Fact]
    public async Task Event_has_what_describe_looks_for()
    {
        Run();
        _recorder.Record(Tenant, EventType.Warning, "ImageMissing", "No such image.");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        var call = Assert.Single(_api.Calls);
        Assert.Equal("create", call.Verb);
        Assert.Equal("ns", call.Key.Namespace);
        Assert.StartsWith("shop.", call.Key.Name, StringComparison.Ordinal);
        var expected = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Event",
             "involvedObject":{"apiVersion":"example.dev/v1","kind":"Tenant","name":"shop","namespace":"ns","uid":"u1"},
             "type":"Warning","reason":"ImageMissing","message":"No such image.","source":{"component":"op"},
             "reportingComponent":"op","reportingInstance":"op-1",
             "firstTimestamp":"2026-05-01T10:00:00Z","lastTimestamp":"2026-05-01T10:00:00Z","count":1}
            """);
        var content = call.Content!.DeepClone().AsObject();
        content.Remove("metadata");
        Assert.True(JsonNode.DeepEquals(expected, content), content.ToJsonString());
    }

    [Fact]
    public async Task Event_about_a_cluster_scoped_object_goes_to_the_default_namespace()
    {
        Run();
        _recorder.Record(new OwnerIdentity(
            Objects.Namespaces, ObjectKey.ClusterScoped("n"), "u2"), EventType.Normal, "Ready", "It is ready.");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        var call = Assert.Single(_api.Calls);
        Assert.Equal("default", call.Key.Namespace);
        Assert.Null(call.Content!["involvedObject"]!["namespace"]);
    }

    [Fact]
    public async Task Repeat_raises_the_count_of_the_same_event()
    {
        Run();
        _recorder.Record(Tenant, EventType.Normal, "Ready", "It is ready.");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMinutes(3));
        _recorder.Record(Tenant, EventType.Normal, "Ready", "It is ready.");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["create", "patch"], _api.Calls.Select(c => c.Verb));
        Assert.Equal(_api.Calls[0].Key, _api.Calls[1].Key);
        Assert.Equal("""{"count":2,"lastTimestamp":"2026-05-01T10:03:00Z"}""", _api.Calls[1].Content!.ToJsonString());
    }

    [Fact]
    public async Task Repeats_that_wait_together_are_one_write()
    {
        for (var i = 0; i < 4; i++)
        {
            _recorder.Record(Tenant, EventType.Normal, "Ready", "It is ready.");
        }

        Run();
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(4, Assert.Single(_api.Calls).Content!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Other_messages_and_late_repeats_are_events_of_their_own()
    {
        Run();
        foreach (var message in new[] { "one", "two", "one" })
        {
            _recorder.Record(Tenant, EventType.Normal, "Ready", message);
            await _written.WaitAsync(TestContext.Current.CancellationToken);
            _clock.Advance(TimeSpan.FromMinutes(6));
        }

        Assert.Equal(["create", "create", "create"], _api.Calls.Select(c => c.Verb));
        Assert.Equal(3, _api.Calls.Select(c => c.Key).Distinct().Count());
    }

    [Fact]
    public async Task Repeat_of_an_event_that_the_server_dropped_creates_it_again()
    {
        _api.Answer = call => call.Verb == "patch"
            ? throw FakeTransport.Refusal(HttpStatusCode.NotFound, "NotFound")
            : Written();
        Run();
        _recorder.Record(Tenant, EventType.Normal, "Ready", "x");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        _recorder.Record(Tenant, EventType.Normal, "Ready", "x");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["create", "patch", "create"], _api.Calls.Select(c => c.Verb));
        Assert.Equal(2, _api.Calls[2].Content!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Failure_costs_the_event_and_nothing_else()
    {
        using var metrics = new MetricRecorder();
        _api.Answer = call =>
        {
            var answer = Written();
            return call.Content?["message"]?.GetValue<string>() == "first"
                ? throw new HttpRequestException("refused")
                : answer;
        };
        Run();
        _recorder.Record(Tenant, EventType.Normal, "Ready", "first");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        _recorder.Record(Tenant, EventType.Normal, "Ready", "second");
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["first", "second"], _api.Calls.Select(c => c.Content!["message"]!.GetValue<string>()));
        Assert.True(metrics.Sum(RuntimeMetrics.DroppedEvents, "reason=failed") >= 1);
    }

    [Fact]
    public void Full_queue_drops_and_counts_and_never_blocks()
    {
        using var metrics = new MetricRecorder();
        for (var i = 0; i < 7; i++)
        {
            _recorder.Record(Tenant, EventType.Normal, "Ready", $"{i}");
        }

        Assert.True(metrics.Sum(RuntimeMetrics.DroppedEvents, "reason=full") >= 3);
    }

    [Fact]
    public async Task Long_texts_are_capped()
    {
        Run();
        var named = Tenant with { Key = new ObjectKey("ns", new string('n', 250)) };
        _recorder.Record(named, EventType.Normal, new string('R', 500), new string('m', 5_000));
        await _written.WaitAsync(TestContext.Current.CancellationToken);
        var call = Assert.Single(_api.Calls);
        Assert.InRange(call.Key.Name.Length, 1, 253);
        Assert.Equal(128, call.Content!["reason"]!.GetValue<string>().Length);
        Assert.Equal(1024, call.Content!["message"]!.GetValue<string>().Length);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _written.Dispose();
    }

    private void Run() => _running = Task.Run(() => _recorder.RunAsync(_stop.Token));

    private JsonObject Written()
    {
        _written.Release();
        return [];
    }
}
