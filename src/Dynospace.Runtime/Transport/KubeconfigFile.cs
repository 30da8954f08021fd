using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.RepresentationModel;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// Reads a kubeconfig with the credentials that kubectl takes. KubernetesClient does not know <c>tokenFile</c>, splits
/// the arguments of an exec plugin at blanks, and drops <c>as</c> silently, which would act with more rights than the
/// file asks for.
/// </summary>
public static class KubeconfigFile
{
    /// <summary>The configuration of a context of one file.</summary>
    /// <exception cref="KubeConfigException">The file cannot be used; the message says what to change.</exception>
    public static KubernetesClientConfiguration Configure(string file, string? context, TimeProvider clock) =>
        Configure(KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(file)), context, [file], clock);

    /// <summary>The configuration of a context.</summary>
    /// <param name="config">What the files say together.</param>
    /// <param name="context">The context; null for the current one.</param>
    /// <param name="files">The files in their order: the first that names a user is where its paths start.</param>
    /// <param name="clock">Decides when tokens are renewed.</param>
    /// <exception cref="KubeConfigException">
    /// The credentials cannot be used; the message says what to change.
    /// </exception>
    public static KubernetesClientConfiguration Configure(
        K8SConfiguration config, string? context, IEnumerable<string> files, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(config);
        var user = UserOf(config, context);
        if (user?.UserCredentials is not { } credentials)
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
        }

        var (folder, raw) = Find(files, user.Name);
        if (credentials.Impersonate is not null)
        {
            throw new KubeConfigException(
                $"user {user.Name} acts as {credentials.Impersonate}, which is not supported: "
                + "use credentials that have its rights");
        }

        ITokenProvider? token = null;
        ExecCredential? first = null;
        if (credentials.ExternalExecution is { } plugin)
        {
            var exec = new ExecToken(user.Name, plugin, folder, clock);
            first = exec.Run();
            token = first.Token is null ? null : exec;
            credentials.ExternalExecution = null;
        }
        else if (Text(raw, "tokenFile") is { Length: > 0 } tokenFile && string.IsNullOrEmpty(credentials.Token))
        {
            token = new FileToken(Path.Combine(folder, tokenFile), clock);
        }

        if (token is not null || first is not null)
        {
            // KubernetesClient refuses a user without credentials that it knows; this one is never sent.
            credentials.Token = "replaced";
        }

        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
        if (token is not null || first is not null)
        {
            configuration.AccessToken = null;
            configuration.TokenProvider = token;
        }

        if (first?.Certificate is { } certificate)
        {
            configuration.ClientCertificateData = Base64(certificate);
            configuration.ClientCertificateKeyData = Base64(first.Key ?? "");
        }

        return configuration;
    }

    private static User? UserOf(K8SConfiguration config, string? context)
    {
        var name = context ?? config.CurrentContext;
        var user = config.Contexts?.FirstOrDefault(found => found.Name == name)?.ContextDetails?.User;
        return config.Users?.FirstOrDefault(found => found.Name == user);
    }

    /// <summary>
    /// A user as the file's text has it, since KubernetesClient's model lacks members; and the folder of that file.
    /// </summary>
    private static (string Folder, YamlMappingNode? User) Find(IEnumerable<string> files, string name)
    {
        foreach (var file in files)
        {
            using var reader = File.OpenText(file);
            var yaml = new YamlStream();
            yaml.Load(reader);
            var users = yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>()
                .Select(root => Child(root, "users")).OfType<YamlSequenceNode>()
                .SelectMany(users => users).OfType<YamlMappingNode>();
            if (users.FirstOrDefault(found => Text(found, "name") == name) is { } user)
            {
                return (Path.GetDirectoryName(Path.GetFullPath(file))!, Child(user, "user") as YamlMappingNode);
            }
        }

        return (Directory.GetCurrentDirectory(), null);
    }

    private static string? Text(YamlMappingNode? node, string name) => (Child(node, name) as YamlScalarNode)?.Value;

    private static YamlNode? Child(YamlMappingNode? node, string name) =>
        node is not null && node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

/// <summary>A token that another program renews in a file.</summary>
internal sealed class FileToken(string path, TimeProvider clock) : ITokenProvider
{
    /// <summary>Often enough for tokens that live minutes, and seldom enough to cost nothing.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private string? _token;
    private long _readAt;

    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_token is null || clock.GetElapsedTime(_readAt) >= Period)
            {
                _token = Read() ?? _token;
                _readAt = clock.GetTimestamp();
            }

            // Without any token the server's 401 says more than an exception here.
            return Task.FromResult(new AuthenticationHeaderValue("Bearer", _token ?? ""));
        }
    }

    /// <summary>Null while the file is being replaced: the last token is better than none.</summary>
    private string? Read()
    {
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>What an exec plugin answers.</summary>
internal sealed record ExecCredential(string? Token, string? Certificate, string? Key, DateTimeOffset? Expires);

/// <summary>
/// A token that a program prints (client.authentication.k8s.io), run again shortly before it expires.
/// </summary>
internal sealed class ExecToken(
    string user, ExternalExecution plugin, string folder, TimeProvider clock) : ITokenProvider
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>How long a token without an expiry counts as good.</summary>
    private static readonly TimeSpan WithoutExpiry = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private ExecCredential? _current;
    private DateTimeOffset _goodUntil;

    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_current is null || clock.GetUtcNow() >= _goodUntil)
            {
                Run();
            }

            return Task.FromResult(new AuthenticationHeaderValue("Bearer", _current!.Token ?? ""));
        }
    }

    /// <summary>Runs the program.</summary>
    /// <exception cref="KubeConfigException">
    /// It cannot be run, fails, or prints something else. Its output is not shown: it holds secrets.
    /// </exception>
    public ExecCredential Run()
    {
        lock (_lock)
        {
            _current = Read(Output());
            _goodUntil = _current.Expires - Margin ?? clock.GetUtcNow() + WithoutExpiry;
            return _current;
        }
    }

    private string Output()
    {
        // A path is relative to the kubeconfig; a bare name is looked for in PATH.
        var command = plugin.Command.Contains('/', StringComparison.Ordinal)
            ? Path.Combine(folder, plugin.Command)
            : plugin.Command;
        var start = new ProcessStartInfo(command, plugin.Arguments ?? [])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var variable in plugin.EnvironmentVariables ?? [])
        {
            start.Environment[variable["name"]] = variable["value"];
        }

        start.Environment["KUBERNETES_EXEC_INFO"] =
            $$$"""{"apiVersion":"{{{plugin.ApiVersion}}}","kind":"ExecCredential","spec":{"interactive":false}}""";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw new KubeConfigException(
                    $"user {user}: {plugin.Command} did not end within {Patience.TotalSeconds:0} seconds");
            }

            return process.ExitCode == 0
                ? output.GetAwaiter().GetResult()
                : throw new KubeConfigException(
                    $"user {user}: {plugin.Command} ended with exit code {process.ExitCode}: run it to see why");
        }
        catch (Win32Exception e)
        {
            throw new KubeConfigException(
                $"user {user}: {plugin.Command} cannot be run ({e.Message}): install it or use another context");
        }
    }

    private ExecCredential Read(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            if (JsonMembers.Child(document.RootElement, "status", JsonValueKind.Object) is not { } status)
            {
                throw new KubeConfigException(
                    $"user {user}: {plugin.Command} printed an ExecCredential without status");
            }

            var credential = new ExecCredential(
                JsonMembers.Text(status, "token"),
                JsonMembers.Text(status, "clientCertificateData"),
                JsonMembers.Text(status, "clientKeyData"),
                DateTimeOffset.TryParse(
                    JsonMembers.Text(status, "expirationTimestamp"), CultureInfo.InvariantCulture, out var expires)
                        ? expires
                        : null);
            return credential.Token is null && credential.Certificate is null
                ? throw new KubeConfigException(
                    $"user {user}: {plugin.Command} printed neither a token nor a certificate")
                : credential;
        }
        catch (JsonException)
        {
            throw new KubeConfigException($"user {user}: {plugin.Command} did not print an ExecCredential as JSON");
        }
    }
}
