using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DevCluster.Testing.RealApiServer;

/// <summary>
/// A real <c>etcd</c> and <c>kube-apiserver</c> of this test run's own, on free loopback ports, with a temporary
/// folder. There are no controllers behind it, unless <see cref="TryStart"/> adds them: nothing collects garbage,
/// schedules or runs pods.
/// </summary>
public sealed class RealApiServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devcluster-apiserver-");
    private readonly List<Process> _processes = [];
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private RealApiServerProcess() => Address = new Uri($"https://127.0.0.1:{FreePort()}");

    public Uri Address { get; }

    /// <summary>A kubeconfig for a member of <c>system:masters</c>.</summary>
    public string KubeconfigFile => Path.Combine(_folder.FullName, "kubeconfig");

    /// <exception cref="InvalidOperationException">
    /// It did not become ready; the message holds the end of its log.
    /// </exception>
    public static async Task<RealApiServerProcess> StartAsync(
        RealApiServerBinaries binaries, CancellationToken cancellationToken)
    {
        var server = new RealApiServerProcess();
        try
        {
            var etcd = server.StartEtcd(binaries.Etcd);
            server.StartApiServer(binaries.ApiServer, etcd);
            await server.WaitUntilReadyAsync(cancellationToken);
            await server.WriteKubeconfigAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts another program of the control plane, such as kube-controller-manager, which ends with the server; false
    /// where it does not lie beside kube-apiserver.
    /// </summary>
    public bool TryStart(string program, params string[] arguments)
    {
        var path = Path.Combine(Path.GetDirectoryName(_processes[^1].StartInfo.FileName)!, program);
        if (!File.Exists(path))
        {
            return false;
        }

        Start(path, [$"--kubeconfig={KubeconfigFile}", "--leader-elect=false", "--secure-port=0", .. arguments]);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        // The API server first, or it spends its shutdown looking for etcd.
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private string StartEtcd(string program)
    {
        var client = $"http://127.0.0.1:{FreePort()}";
        var peer = $"http://127.0.0.1:{FreePort()}";
        Start(
            program,
            "--data-dir", Path.Combine(_folder.FullName, "etcd"),
            "--unsafe-no-fsync",
            "--listen-client-urls", client,
            "--advertise-client-urls", client,
            "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer,
            "--initial-cluster", $"default={peer}");
        return client;
    }

    private void StartApiServer(string program, string etcd)
    {
        using var key = RSA.Create(2048);
        var keyFile = Write("service-account.key", key.ExportRSAPrivateKeyPem());
        var tokenFile = Write("tokens.csv", $"{_token},admin,admin,\"system:masters\"\n");
        Start(
            program,
            $"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            $"--secure-port={Address.Port}",
            $"--cert-dir={Path.Combine(_folder.FullName, "certificates")}",
            $"--token-auth-file={tokenFile}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            $"--service-account-key-file={keyFile}",
            $"--service-account-signing-key-file={keyFile}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--allow-privileged=true",
            "--endpoint-reconciler-type=none",
            // Where it is on, blockOwnerDeletion asks for a right to the owner's finalizers, which the operator's roles
            // must hold.
            "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
            // Without controllers no namespace gets its default service account, and this plugin would refuse every
            // pod.
            "--disable-admission-plugins=ServiceAccount");
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        using var client = new HttpClient(handler) { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (!await IsReadyAsync(client, limit.Token))
        {
            if (_processes.Find(process => process.HasExited) is { } ended)
            {
                throw new InvalidOperationException(
                    $"{ended.StartInfo.FileName} ended with {ended.ExitCode} before it was ready");
            }

            await Task.Delay(PollInterval, limit.Token);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            using var ns = await client.GetAsync(
                new Uri("/api/v1/namespaces/default", UriKind.Relative), cancellationToken);
            return ready.IsSuccessStatusCode && ns.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task WriteKubeconfigAsync(CancellationToken cancellationToken)
    {
        var authority = await File.ReadAllBytesAsync(
            Path.Combine(_folder.FullName, "certificates", "apiserver.crt"), cancellationToken);
        await File.WriteAllTextAsync(
            KubeconfigFile,
            $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: real
              cluster:
                server: {Address.ToString().TrimEnd('/')}
                certificate-authority-data: {Convert.ToBase64String(authority)}
            users:
            - name: admin
              user:
                token: {_token}
            contexts:
            - name: real
              context:
                cluster: real
                user: admin
            current-context: real

            """,
            cancellationToken);
    }

    private void Start(string program, params string[] arguments)
    {
        var log = Path.Combine(_folder.FullName, Path.GetFileName(program) + ".log");
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                WorkingDirectory = _folder.FullName,
            },
        };
        process.ErrorDataReceived += (_, line) => Append(log, line.Data);
        process.OutputDataReceived += (_, line) => Append(log, line.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _processes.Add(process);
    }

    private void Append(string log, string? line)
    {
        lock (_processes)
        {
            if (_folder.Exists && line is not null)
            {
                File.AppendAllText(log, line + "\n");
            }
        }
    }

    private string Write(string name, string content)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, content);
        return file;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
