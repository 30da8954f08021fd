using System.Diagnostics.Metrics;
using System.Text.Json;
using Dynospace.Router.Hosting;
using Dynospace.Router.Logging;
using Dynospace.Router.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tests.Logging;

/// <summary>A log that nobody reads holds up nobody.</summary>
public sealed class UnreadLogTests
{
    [Fact]
    [Conformance("Log", "a log that nobody reads delays no request: lines are dropped, and counted")]
    public async Task An_unread_log_delays_no_request()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync(log: new UnreadStream());
        router.Publish(dyno);
        var bad = TestRouter.Get($"X: {new string('x', 8_100)}\r\n", $"/{new string('"', 2_000)}");
        using var client = await router.ConnectAsync();
        using var dropped = new DroppedLines("requests");

        // Each of these lines has 8 kB, and 8 MB may wait.
        for (var i = 0; i < 2_600; i++)
        {
            await client.SendAsync(bad);
            Assert.Equal(200, (await client.ResponseAsync())!.Status);
        }

        Assert.True(dropped.Count > 0);
    }

    [Fact]
    public async Task An_unread_error_output_blocks_nobody()
    {
        await using var output = new LogOutput(new UnreadStream(), "unread", capacity: 64 * 1024);
        using var loggers = LoggerFactory.Create(logging => RouterLogs.Configure(logging, output));
        var logger = loggers.CreateLogger("Dynospace.Router");

        for (var i = 0; i < 10_000; i++)
        {
            logger.LogError("This is the line number {Number}", i);
        }

        Assert.InRange(output.Dropped, 1, 10_000);
    }

    [Fact]
    public async Task An_unread_log_does_not_keep_the_process_from_ending()
    {
        var output = new LogOutput(new UnreadStream(), "unread");
        output.Append("line\n"u8);

        await output.DisposeAsync().AsTask().Soon();
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", false)]
    [InlineData("Dynospace.Router.Proxying.RequestPath", true)]
    [Conformance("Log", "what the server below says of a request is one short line without a stack")]
    public async Task A_message_is_one_line(string category, bool hasStack)
    {
        var sink = new LogSink();
        await using var output = new LogOutput(sink, "test");
        using var loggers = LoggerFactory.Create(logging => RouterLogs.Configure(logging, output));

        try
        {
            throw new InvalidOperationException("first\nsecond");
        }
        catch (InvalidOperationException e)
        {
            loggers.CreateLogger(category).LogError(e, "Something failed for {Client}", "\"a\"\nb");
        }

        using var line = JsonDocument.Parse(await sink.NextAsync());
        Assert.Equal("Something failed for \"a\"\nb", line.RootElement.GetProperty("Message").GetString());
        var exception = line.RootElement.GetProperty("Exception").GetString()!;
        Assert.StartsWith(
            hasStack
                ? "System.InvalidOperationException: first"
                : "InvalidOperationException: first", exception, StringComparison.Ordinal);
        Assert.Equal(hasStack, exception.Contains("   at ", StringComparison.Ordinal));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$", line.RootElement.GetProperty("Timestamp").GetString());
    }

    /// <summary>Every write waits for ever, as on a pipe that is full.</summary>
    private sealed class UnreadStream : MemoryStream
    {
        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
    }

    private sealed class DroppedLines : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public DroppedLines(string log)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "log.dropped.total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (tags.ToArray().Contains(new("log", log)))
                {
                    Interlocked.Add(ref _count, value);
                }
            });
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
