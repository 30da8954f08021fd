using System.Net;
using System.Net.Sockets;
using Dynospace.Gate;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

public sealed class GateTests
{
    private const string Gate = "169.254.77.77:7877";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_gate_waits_until_packets_leave_from_the_expected_address()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.Apply();
        lab.OpenGates();
        var dyno = lab.Hosts[10].AddPod(2);
        var waiting = new WaitingOutput();

        var running = RunIn(dyno, waiting, "--gate", Gate, "--expect", "198.51.100.201", "--timeout", "1m");
        await waiting.FirstLine;
        Assert.False(running.IsCompleted);
        lab.Admit(dyno, "a");
        lab.Apply();

        Assert.Equal(0, await running);
        Assert.StartsWith("waiting: 169.254.77.77:7877 does not answer", waiting.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("packets leave from 198.51.100.201\n", waiting.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gate_gives_up_and_says_what_it_saw()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.Apply();
        lab.OpenGates();
        var dyno = lab.AddDyno(10, 2, "a");
        var said = new WaitingOutput();

        Assert.Equal(
            1,
            await RunIn(dyno, said, "--gate", Gate, "--expect", "198.51.100.203,fd77::203", "--timeout", "1s"));

        Assert.Contains(
            "packets leave from 198.51.100.201, not from 198.51.100.203 or fd77::203", said.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("gave up after 1 seconds", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_itself_tells_others_their_address()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = free.LocalEndpoint.ToString()!;
        free.Stop();
        var said = new WaitingOutput();
        var serving = GateProgram.RunAsync(["--listen", address], said, said, stop.Token);
        await said.FirstLine;

        Assert.Equal(0, await GateProgram.RunAsync(
            ["--echo", address, "--expect", "127.0.0.1", "--timeout", "1m"], said, said, Cancellation));

        await stop.CancelAsync();
        Assert.Equal(0, await serving);
    }

    [Theory]
    [InlineData("--gate or --echo, and --expect, are needed")]
    [InlineData("--gate: 'nowhere' is not an address and a port", "--gate", "nowhere", "--expect", "10.0.0.1")]
    [InlineData("--gate: '10.0.0.1' is not an address and a port", "--gate", "10.0.0.1", "--expect", "10.0.0.1")]
    [InlineData("--expect: 'x' is not a list of addresses", "--gate", Gate, "--expect", "x")]
    [InlineData("--timeout: '5' is not a time", "--gate", Gate, "--expect", "10.0.0.1", "--timeout", "5")]
    [InlineData("--timeout: '' is not a time", "--gate", Gate, "--expect", "10.0.0.1", "--timeout", "")]
    [InlineData("--timeout needs a value", "--gate", Gate, "--timeout")]
    [InlineData("'--what' is not an option", "--what", "x")]
    public async Task A_bad_command_line_is_refused_by_name(string problem, params string[] args)
    {
        var said = new WaitingOutput();

        Assert.Equal(2, await GateProgram.RunAsync(args, said, said, Cancellation));

        Assert.StartsWith(problem, said.ToString(), StringComparison.Ordinal);
    }

    /// <summary>On a thread of the pod: sockets belong to the namespace of the thread that opens them.</summary>
    private static Task<int> RunIn(LabPod pod, TextWriter output, params string[] args) => Task.Factory.StartNew(
        () => pod.Namespace.Run(() =>
        {
            using var pump = new SingleThread();
            return pump.Run(() => GateProgram.RunAsync(args, output, output, Cancellation));
        }),
        Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Runs what an action awaits on the thread that calls it.</summary>
    private sealed class SingleThread : SynchronizationContext, IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(SendOrPostCallback, object?)> _posted = [];

        public override void Post(SendOrPostCallback d, object? state) => _posted.Add((d, state));

        public T Run<T>(Func<Task<T>> action)
        {
            SetSynchronizationContext(this);
            var task = action();
            task.ContinueWith(_ => _posted.CompleteAdding(), TaskScheduler.Default);
            foreach (var (callback, state) in _posted.GetConsumingEnumerable())
            {
                callback(state);
            }

            return task.GetAwaiter().GetResult();
        }

        public void Dispose() => _posted.Dispose();
    }

    /// <summary>What a program says, and when it begins to.</summary>
    private sealed class WaitingOutput : StringWriter
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WaitingOutput() => NewLine = "\n";

        public Task FirstLine => _first.Task;

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            _first.TrySetResult();
        }
    }
}
