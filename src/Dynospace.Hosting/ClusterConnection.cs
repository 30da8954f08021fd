using Dynospace.Hosting.Options;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Core;

namespace Dynospace.Hosting;

/// <summary>No credentials for an API server can be found or read: names the file and what is wrong with it.</summary>
public sealed class KubeconfigException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>How a program reaches the API server, by the rules of kubectl.</summary>
/// <param name="Kubeconfig">The file; null for <c>$KUBECONFIG</c>, the service account in a pod, or
/// <c>~/.kube/config</c>.</param>
/// <param name="Context">The context of the file; null for its current one.</param>
public sealed record ClusterConnection(string? Kubeconfig = null, string? Context = null)
{
    /// <summary>The rows that every program has.</summary>
    public static IReadOnlyList<OptionDefinition<ClusterConnection>> Definitions { get; } =
    [
        OptionTable.Option(
            "kubeconfig", OptionFormats.TextOrNone("FILE"),
            (ClusterConnection connection) => connection.Kubeconfig,
            (connection, file) => connection with { Kubeconfig = file },
            "the kubeconfig that says how to reach the API server",
            "`$KUBECONFIG`, in a pod its service account, else `~/.kube/config`"),
        OptionTable.Option(
            "context", OptionFormats.TextOrNone("NAME"),
            (ClusterConnection connection) => connection.Context,
            (connection, context) => connection with { Context = context },
            "the context of the kubeconfig", "the current one"),
    ];

    /// <summary>The variable of the environment that names one file or several.</summary>
    internal string? Variable { get; init; } = Environment.GetEnvironmentVariable("KUBECONFIG");

    /// <summary>Reads the credentials for a program that takes options.</summary>
    /// <exception cref="OptionException">The kubeconfig cannot be used.</exception>
    public KubernetesClientConfiguration Configure()
    {
        try
        {
            return Read();
        }
        catch (KubeconfigException e)
        {
            throw new OptionException($"kubeconfig: {e.Message}. Give --kubeconfig FILE, or run in a cluster.");
        }
    }

    /// <summary>Reads the credentials.</summary>
    /// <exception cref="KubeconfigException">The kubeconfig cannot be used; the message has no full stop.</exception>
    public KubernetesClientConfiguration Read()
    {
        if (Kubeconfig is null && string.IsNullOrEmpty(Variable) && KubernetesClientConfiguration.IsInCluster())
        {
            return KubernetesClientConfiguration.InClusterConfig();
        }

        var files = Files();
        try
        {
            var content = Merged([.. files.Select(Load)]);
            return KubeconfigFile.Configure(content, Context, files, TimeProvider.System);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Parsing throws whatever its parts throw: YAML, base64, certificates, a missing cast. The file is the
            // cause of each.
            throw new KubeconfigException($"{string.Join(", ", files)}: {Reason(e.InnerException ?? e)}", e);
        }
    }

    /// <summary>As kubectl: of a list the files that do not exist count for nothing.</summary>
    private List<string> Files()
    {
        if (Kubeconfig is { } given)
        {
            return File.Exists(given) ? [given] : throw new KubeconfigException($"{given} does not exist");
        }

        if (Variable is not { Length: > 0 } list)
        {
            var usual = KubernetesClientConfiguration.KubeConfigDefaultLocation;
            return File.Exists(usual) ? [usual] : throw new KubeconfigException($"{usual} does not exist");
        }

        var named = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return named.Where(File.Exists).ToList() is { Count: > 0 } found
            ? found
            : throw new KubeconfigException($"none of the files in $KUBECONFIG exists: {string.Join(", ", named)}");
    }

    private static K8SConfiguration Load(string file)
    {
        var content = KubeconfigFile.Load(file);
        foreach (var cluster in (content.Clusters ?? []).Select(cluster => cluster.ClusterEndpoint)
            .OfType<ClusterEndpoint>())
        {
            cluster.CertificateAuthority = Beside(file, cluster.CertificateAuthority);
        }

        foreach (var user in (content.Users ?? []).Select(user => user.UserCredentials).OfType<UserCredentials>())
        {
            user.ClientCertificate = Beside(file, user.ClientCertificate);
            user.ClientKey = Beside(file, user.ClientKey);
        }

        return content;
    }

    /// <summary>Relative paths are relative to the file that has them, which is lost when files are merged.</summary>
    private static string? Beside(string file, string? path) =>
        string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>As kubectl: of two entries with one name the first counts.</summary>
    private static K8SConfiguration Merged(IReadOnlyList<K8SConfiguration> files) => new()
    {
        ApiVersion = files[0].ApiVersion,
        Kind = files[0].Kind,
        CurrentContext = files.Select(file => file.CurrentContext)
            .FirstOrDefault(context => !string.IsNullOrEmpty(context)),
        Clusters = [.. files.SelectMany(file => file.Clusters ?? []).DistinctBy(cluster => cluster.Name)],
        Contexts = [.. files.SelectMany(file => file.Contexts ?? []).DistinctBy(context => context.Name)],
        Users = [.. files.SelectMany(file => file.Users ?? []).DistinctBy(user => user.Name)],
        Preferences = files[0].Preferences,
    };

    /// <summary>Messages about types of the program help nobody who looks at the file.</summary>
    private static string Reason(Exception e) =>
        e is KubeConfigException or KubeconfigException or IOException or UnauthorizedAccessException
            or FormatException or YamlException
        && !e.Message.Contains(nameof(k8s), StringComparison.Ordinal)
            ? e.Message.Split('\n')[0].Trim().TrimEnd('.')
            : "it is not a kubeconfig";
}
