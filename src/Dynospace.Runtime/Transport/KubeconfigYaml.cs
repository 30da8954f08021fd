using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// Reads the YAML of a kubeconfig node by node. KubernetesClient's own reader prepares itself for all types of the
/// Kubernetes API first, which takes longer than the rest of a short command (decision 0018).
/// </summary>
internal static class KubeconfigYaml
{
    /// <summary>The content of a file's first document, without extensions and preferences.</summary>
    /// <exception cref="KubeConfigException">It is not a kubeconfig.</exception>
    /// <exception cref="YamlException">It is not YAML.</exception>
    public static K8SConfiguration Read(string file)
    {
        var root = RootOf(file) ?? throw new KubeConfigException("the file is empty");
        return new K8SConfiguration
        {
            FileName = Path.GetFullPath(file),
            ApiVersion = Text(root, "apiVersion"),
            Kind = Text(root, "kind"),
            CurrentContext = Text(root, "current-context"),
            Clusters = Maps(root, "clusters").Select(ClusterOf).ToList(),
            Contexts = Maps(root, "contexts").Select(ContextOf).ToList(),
            Users = Maps(root, "users").Select(UserOf).ToList(),
        };
    }

    /// <summary>The credentials of a user as they are in the file; null if it has no such user.</summary>
    public static YamlMappingNode? CredentialsOf(string file, string user)
    {
        var found = RootOf(file) is { } root
            ? Maps(root, "users").FirstOrDefault(candidate => Text(candidate, "name") == user)
            : null;
        return found is null ? null : Map(found, "user") ?? new YamlMappingNode();
    }

    /// <summary>A text; null if it is missing or null.</summary>
    public static string? Text(YamlMappingNode map, string name) => Child(map, name) switch
    {
        null => null,
        YamlScalarNode scalar => TextOf(scalar),
        _ => throw new KubeConfigException($"{name} is not a text"),
    };

    private static YamlMappingNode? RootOf(string file)
    {
        using var reader = File.OpenText(file);
        var yaml = new YamlStream();
        yaml.Load(reader);
        return yaml.Documents.Count == 0 || IsNull(yaml.Documents[0].RootNode)
            ? null
            : yaml.Documents[0].RootNode as YamlMappingNode
                ?? throw new KubeConfigException("it is not a kubeconfig");
    }

    private static Cluster ClusterOf(YamlMappingNode map) => new()
    {
        Name = Text(map, "name"),
        ClusterEndpoint = Map(map, "cluster") is not { } endpoint ? null : new ClusterEndpoint
        {
            Server = Text(endpoint, "server"),
            TlsServerName = Text(endpoint, "tls-server-name"),
            SkipTlsVerify = Switch(endpoint, "insecure-skip-tls-verify"),
            CertificateAuthority = Text(endpoint, "certificate-authority"),
            CertificateAuthorityData = Text(endpoint, "certificate-authority-data"),
        },
    };

    private static Context ContextOf(YamlMappingNode map) => new()
    {
        Name = Text(map, "name"),
        ContextDetails = Map(map, "context") is not { } details ? null : new ContextDetails
        {
            Cluster = Text(details, "cluster"),
            User = Text(details, "user"),
            Namespace = Text(details, "namespace"),
        },
    };

    private static User UserOf(YamlMappingNode map) => new()
    {
        Name = Text(map, "name"),
        UserCredentials = Map(map, "user") is not { } credentials ? null : new UserCredentials
        {
            ClientCertificate = Text(credentials, "client-certificate"),
            ClientCertificateData = Text(credentials, "client-certificate-data"),
            ClientKey = Text(credentials, "client-key"),
            ClientKeyData = Text(credentials, "client-key-data"),
            Token = Text(credentials, "token"),
            UserName = Text(credentials, "username"),
            Password = Text(credentials, "password"),
            Impersonate = Text(credentials, "as"),
            AuthProvider = Map(credentials, "auth-provider") is not { } provider ? null : new AuthProvider
            {
                Name = Text(provider, "name"),
                Config = Map(provider, "config") is { } config ? Entries(config) : [],
            },
            ExternalExecution = Map(credentials, "exec") is not { } plugin ? null : new ExternalExecution
            {
                ApiVersion = Text(plugin, "apiVersion"),
                Command = Text(plugin, "command"),
                Arguments = Texts(plugin, "args"),
                EnvironmentVariables = Maps(plugin, "env").Select(Entries).ToList(),
                InstallHint = Text(plugin, "installHint"),
                ProvideClusterInfo = Switch(plugin, "provideClusterInfo"),
            },
        },
    };

    /// <summary>Refuses a text, as kubectl does: "true" in quotation marks would turn verification off.</summary>
    private static bool Switch(YamlMappingNode map, string name)
    {
        if (Child(map, name) is not { } node)
        {
            return false;
        }

        return node is YamlScalarNode scalar && !IsText(scalar)
            ? scalar.Value?.ToUpperInvariant() switch
            {
                "TRUE" or "YES" or "ON" or "Y" => true,
                "FALSE" or "NO" or "OFF" or "N" => false,
                _ => throw new KubeConfigException($"{name} \"{scalar.Value}\" is neither true nor false"),
            }
            : throw new KubeConfigException($"{name} \"{node}\" is a text: write true or false without quotes");
    }

    private static YamlMappingNode? Map(YamlMappingNode map, string name) => Child(map, name) switch
    {
        null => null,
        YamlMappingNode child => child,
        _ => throw new KubeConfigException($"{name} is not a map"),
    };

    private static List<YamlMappingNode> Maps(YamlMappingNode map, string name) =>
    [
        .. Items(map, name).Select(item => item as YamlMappingNode
            ?? throw new KubeConfigException($"{name} has an item that is not a map")),
    ];

    private static List<string?> Texts(YamlMappingNode map, string name) =>
    [
        .. Items(map, name).Select(item => item is YamlScalarNode scalar
            ? TextOf(scalar)
            : throw new KubeConfigException($"{name} has an item that is not a text")),
    ];

    private static IList<YamlNode> Items(YamlMappingNode map, string name) => Child(map, name) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw new KubeConfigException($"{name} is not a list"),
    };

    private static Dictionary<string, string?> Entries(YamlMappingNode map) => map.Children.Keys
        .OfType<YamlScalarNode>()
        .Select(key => key.Value ?? "")
        .ToDictionary(key => key, key => Text(map, key), StringComparer.Ordinal);

    private static YamlNode? Child(YamlMappingNode map, string name) =>
        map.Children.TryGetValue(new YamlScalarNode(name), out var child) && !IsNull(child) ? child : null;

    private static bool IsNull(YamlNode node) => node is YamlScalarNode scalar && TextOf(scalar) is null;

    private static string? TextOf(YamlScalarNode scalar) =>
        !IsText(scalar) && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL" ? null : scalar.Value;

    private static bool IsText(YamlScalarNode scalar) =>
        scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)
        || (!scalar.Tag.IsEmpty && scalar.Tag.Value.EndsWith(":str", StringComparison.Ordinal));
}
