namespace DevCluster.Testing.RealApiServer;

/// <summary>
/// A real API server, if the environment offers one: a cluster that exists, or programs to start one with.
/// </summary>
public sealed class RealCluster : IAsyncDisposable
{
    public const string KubeconfigVariable = "KUBECONFIG_REAL";

    /// <summary>Why tests against a real server are skipped where there is none.</summary>
    public const string SkipReason =
        $"no real API server: set {KubeconfigVariable} to a kubeconfig, or {RealApiServerBinaries.Variable} to a "
        + $"folder with kube-apiserver and etcd";

    private readonly RealApiServerProcess? _process;

    private RealCluster(string kubeconfigFile, RealApiServerProcess? process)
    {
        KubeconfigFile = kubeconfigFile;
        _process = process;
    }

    public string KubeconfigFile { get; }

    /// <summary>True for a server started here, behind which no controllers run but those of <see cref="TryStart"/>.
    /// </summary>
    public bool IsApiServerOnly => _process is not null;

    /// <summary>True when <see cref="StartAsync"/> would find one.</summary>
    public static bool IsAvailable =>
        Environment.GetEnvironmentVariable(
            KubeconfigVariable) is { Length: > 0 } || RealApiServerBinaries.Find() is not null;

    /// <summary>
    /// Connects to the cluster that exists, or starts a server; null when the environment offers neither.
    /// </summary>
    public static async Task<RealCluster?> StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(KubeconfigVariable) is { Length: > 0 } file)
        {
            return File.Exists(file)
                ? new RealCluster(file, null)
                : throw new FileNotFoundException(
                    $"{KubeconfigVariable}: {file} does not exist; name a kubeconfig or unset the variable", file);
        }

        if (RealApiServerBinaries.Find() is not { } binaries)
        {
            return null;
        }

        var process = await RealApiServerProcess.StartAsync(binaries, cancellationToken);
        return new RealCluster(process.KubeconfigFile, process);
    }

    /// <inheritdoc cref="RealApiServerProcess.TryStart"/>
    public bool TryStart(string program, params string[] arguments) => _process?.TryStart(program, arguments) == true;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
