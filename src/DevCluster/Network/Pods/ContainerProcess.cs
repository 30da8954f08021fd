using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Pods;
using DevCluster.Network.Kernel;
using DevCluster.Network.Programs;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Pods;

/// <summary>One run of a container: a process in its own namespaces, in the network namespace of its pod.</summary>
internal sealed partial class ContainerProcess : IDisposable
{
    /// <summary>The user for images that do not set one: containers do not run as root of this machine.</summary>
    private const long DefaultUser = 65534;

    private const int SigTerm = 15;
    private const int SigKill = 9;
    private const int KilledCode = 137;

    /// <summary>The kubelet's limit for a termination message taken from the log.</summary>
    private const int LongestLastWords = 2048;

    private readonly ContainerStart _start;
    private readonly string? _group;
    private readonly Process _process;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasStarted;
    private bool _isAskedToEnd;

    private ContainerProcess(ContainerStart start, Process process, string? group, TimeProvider clock)
    {
        (_start, _process, _group) = (start, process, group);
        Log = new ContainerLog(clock);
        Output = new ContainerOutput(Log);
        Ended = FollowAsync();
    }

    public ContainerStart Start => _start;

    public ContainerLog Log { get; }

    /// <summary>Output from now on.</summary>
    public ContainerOutput Output { get; }

    /// <summary>The ID of the process that created the namespaces.</summary>
    public int Id => _process.Id;

    /// <summary>Whether attached clients may write to the container (<c>stdin: true</c>).</summary>
    public bool TakesInput => _start.Spec.Flag("stdin") == true;

    /// <summary>Completes when the program starts in its root, or cannot start.</summary>
    public Task Started => _started.Task;

    /// <summary>The final state; completes when the container ends.</summary>
    public Task<ContainerState> Ended { get; }

    /// <summary>Whether the readiness probe succeeds.</summary>
    public bool IsReady { get; set; }

    public bool IsRunning => _hasStarted && !Ended.IsCompleted;

    public ContainerState State => Ended is { IsCompletedSuccessfully: true } ended
        ? ended.GetAwaiter().GetResult()
        : new ContainerState(IsReady, null) { HasStarted = _hasStarted };

    /// <param name="network">The network of the pod, or of its node.</param>
    /// <param name="folder">The folder for the container's files.</param>
    /// <param name="volumes">The folder for volumes that containers of the pod share.</param>
    /// <param name="knownHosts">Additional lines of the container's <c>/etc/hosts</c>.</param>
    public static ContainerProcess Launch(
        ContainerStart start,
        PodProgram program,
        Netns network,
        string folder,
        string volumes,
        IReadOnlyList<string> knownHosts,
        MemoryLimits limits,
        TimeProvider clock)
    {
        var mounts = ContainerFiles.Write(start, folder, volumes, knownHosts);
        var group = LimitOf(start.Spec) is { } bytes
            ? limits.Create(GroupOf(folder), bytes + program.ExtraMemory)
            : null;
        var info = new ProcessStartInfo(
            "nsenter",
            [
                $"--net={network.Path}",
                "--",
                "unshare",
                "--pid",
                "--fork",
                "--mount",
                "--ipc",
                "--uts",
                "--propagation=private",
                "--",
                "/bin/sh",
                "-ec",
                ContainerScript.Outside,
                "container",
                Path.Combine(folder, "root"),
                Path.Combine(folder, "files"),
                volumes,
                start.Pod.Text("spec", "hostname") ?? start.Pod.Text("metadata", "name") ?? "pod",
                group ?? "-",
                .. program.Folders.SelectMany(entry => new[] { entry.Value, entry.Key }),
                "--",
                ContainerScript.Inside,
                .. mounts.SelectMany(mount => new[] { mount.Source, mount.Target, mount.IsReadOnly ? "ro" : "rw" }),
                "--",
                .. Unprivileged(start),
                .. start.Spec.Flag("tty") == true ? Terminals.Wrap(program.Command) : program.Command,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in EnvironmentOf(start, program))
        {
            info.Environment[name] = value;
        }

        return new ContainerProcess(start, Process.Start(info)!, group, clock);
    }

    /// <summary>The command line that runs a command inside the container, for probes and exec.</summary>
    /// <exception cref="PodConnectionException">The container has ended.</exception>
    public IReadOnlyList<string> Enter(IReadOnlyList<string> command) =>
    [
        "nsenter",
        $"--target={FindFirstProcess() ?? throw new PodConnectionException(
            $"container {_start.Run.Container} does not run")}",
        "--net",
        "--pid",
        "--mount",
        "--ipc",
        "--uts",
        "--root",
        "--wd",
        "--",
        .. Unprivileged(_start),
        .. command,
    ];

    /// <summary>The environment of a command that runs inside the container.</summary>
    public IReadOnlyDictionary<string, string> Environment(PodProgram program) => EnvironmentOf(_start, program);

    public void Stop(bool isKilled)
    {
        if (Ended.IsCompleted)
        {
            return;
        }

        if (isKilled)
        {
            TryKill();
        }
        else if (!_isAskedToEnd)
        {
            _isAskedToEnd = true;
            _ = AskToEndAsync();
        }
    }

    public void Dispose()
    {
        TryKill();
        _process.Dispose();
        if (_group is not null)
        {
            MemoryLimits.Release(_group);
        }
    }

    /// <summary>Includes the pod, because containers of different pods can have the same name.</summary>
    private static string GroupOf(string folder) =>
        $"{Path.GetFileName(Path.GetDirectoryName(folder))}-{Path.GetFileName(folder)}";

    private static Dictionary<string, string> EnvironmentOf(ContainerStart start, PodProgram program)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/tmp",
            ["HOSTNAME"] = start.Pod.Text("spec", "hostname") ?? start.Pod.Text("metadata", "name") ?? "",
        };
        foreach (var (name, value) in program.Environment.Concat(start.Environment))
        {
            variables[name] = value;
        }

        return variables;
    }

    private static IEnumerable<string> Unprivileged(ContainerStart start)
    {
        var user = Identity(start, "runAsUser");
        var group = Identity(start, "runAsGroup");

        // A container that must run as root may at least listen on privileged ports.
        var capabilities = start.Spec.Number("securityContext", "runAsUser") == 0 ? "+net_bind_service" : "";
        return
        [
            "setpriv",
            $"--reuid={user}",
            $"--regid={group}",
            "--clear-groups",
            "--no-new-privs",
            $"--inh-caps=-all{Comma(capabilities)}",
            $"--ambient-caps=-all{Comma(capabilities)}",
            $"--bounding-set=-all{Comma(capabilities)}",
            "--",
        ];

        static string Comma(string words) => words.Length > 0 ? "," + words : "";
    }

    private static string Identity(ContainerStart start, string field)
    {
        var given = start.Spec.Number("securityContext", field)
            ?? start.Pod.Map("spec").Number("securityContext", field)
            ?? DefaultUser;
        return (given == 0 ? DefaultUser : given).ToString(CultureInfo.InvariantCulture);
    }

    private static long? LimitOf(JsonObject spec) =>
        Quantity.TryParse(spec.Text("resources", "limits", "memory"), out var quantity)
            ? (long)(quantity.Nanos / 1_000_000_000)
            : null;

    /// <summary>
    /// Copies a client's input to the container; with <c>stdinOnce</c>, stdin closes when the first client disconnects.
    /// </summary>
    public async Task FeedAsync(Stream input, CancellationToken cancellationToken)
    {
        await ProcessInput.FeedAsync(_process, input, cancellationToken);
        if (_start.Spec.Flag("stdinOnce") == true)
        {
            ProcessInput.Close(_process);
        }
    }

    private async Task<ContainerState> FollowAsync()
    {
        if (!TakesInput)
        {
            ProcessInput.Close(_process);
        }

        var errors = Output.TakeAsync(_process.StandardError.BaseStream, isError: true);
        var begin = new byte[1];
        _hasStarted = await _process.StandardOutput.BaseStream.ReadAsync(begin) == 1;
        _started.TrySetResult();
        await Task.WhenAll(errors, Output.TakeAsync(_process.StandardOutput.BaseStream, isError: false));
        await _process.WaitForExitAsync();
        Output.Complete();
        Log.Complete();
        var code = _process.ExitCode;
        return new ContainerState(
            false,
            code,
            code == KilledCode && _group is not null && MemoryLimits.WasExceeded(_group) ? "OOMKilled" : null)
        {
            HasStarted = _hasStarted,
            LastWords = code != 0 && _start.Spec.Text("terminationMessagePolicy") == "FallbackToLogsOnError"
                ? Log.End(LongestLastWords)
                : null,
        };
    }

    /// <summary>Sends SIGTERM after the program starts: the shell that runs before it ignores the signal.</summary>
    private async Task AskToEndAsync()
    {
        await Started;
        if (FindFirstProcess() is { } first)
        {
            _ = Signal(first, SigTerm);
        }
    }

    /// <summary>
    /// The child of the process that created the namespaces; null before it starts and after it ends.
    /// </summary>
    private int? FindFirstProcess() => ProcessTree.Children(_process.Id) is [var child, ..] ? child : null;

    private void TryKill()
    {
        try
        {
            if (_process.HasExited)
            {
                return;
            }

            // If PID 1 dies, the kernel kills every process in the namespace, and then the parent exits. Killing the
            // parent is not enough: the kernel clears a process's parent-death signal when it drops privileges.
            if (FindFirstProcess() is { } first)
            {
                _ = Signal(first, SigKill);
            }
            else
            {
                _process.Kill();
            }
        }
        catch (InvalidOperationException)
        {
            // The process has already exited.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
