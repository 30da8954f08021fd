using System.Net.Http.Headers;
using System.Text;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.RepresentationModel;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// Reads a kubeconfig with the credentials that kubectl supports. KubernetesClient does not know <c>tokenFile</c>,
/// splits the arguments of an exec plugin at spaces, and silently ignores <c>as</c>, which would act with more rights
/// than the file asks for. <see cref="ApiClient"/> makes clients of the result.
/// </summary>
public static class KubeconfigFile
{
    /// <summary>The configuration of a context of one file.</summary>
    /// <exception cref="KubeConfigException">The file cannot be used; the message says what to change.</exception>
    public static KubernetesClientConfiguration Configure(string file, string? context, TimeProvider clock) =>
        Configure(Load(file), context, [file], clock);

    /// <summary>Reads a kubeconfig file.</summary>
    /// <exception cref="KubeConfigException">It is not a kubeconfig.</exception>
    /// <exception cref="YamlDotNet.Core.YamlException">It is not YAML.</exception>
    public static K8SConfiguration Load(string file) => KubeconfigYaml.Read(file);

    /// <summary>The configuration of a context.</summary>
    /// <param name="config">The merged content of the files.</param>
    /// <param name="context">The context; null for the current one.</param>
    /// <param name="files">
    /// The files in their order: paths of a user are relative to the first file that names it.
    /// </param>
    /// <param name="clock">Decides when credentials are renewed.</param>
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

        var renewed = RenewedOf(user.Name, credentials, raw, folder, clock);
        if (renewed is null)
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
        }

        // KubernetesClient refuses a user without credentials that it knows; this one is never sent.
        (credentials.ExternalExecution, credentials.Token) = (null, "replaced");
        if (renewed.Current().Certificate is not null)
        {
            (credentials.ClientCertificate, credentials.ClientKey) = (null, null);
        }

        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
        configuration.AccessToken = null;
        configuration.TokenProvider = new RenewedCredentials(renewed);
        return configuration;
    }

    /// <summary>Credentials that change while the program runs; null if the user has none.</summary>
    private static IClientCredentials? RenewedOf(
        string user, UserCredentials credentials, YamlMappingNode? raw, string folder, TimeProvider clock)
    {
        if (credentials.ExternalExecution is { } plugin)
        {
            var exec = new ExecCredentials(user, plugin, folder, clock);
            exec.Run();
            return exec;
        }

        if (raw is not null && KubeconfigYaml.Text(raw, "tokenFile") is { Length: > 0 } tokenFile
            && string.IsNullOrEmpty(credentials.Token))
        {
            return FileCredentials.OfToken(Path.Combine(folder, tokenFile), clock);
        }

        return credentials is { ClientCertificate: { Length: > 0 } certificate, ClientKey: { Length: > 0 } key }
            && string.IsNullOrEmpty(credentials.ClientCertificateData)
            && string.IsNullOrEmpty(credentials.ClientKeyData)
                ? FileCredentials.OfCertificate(
                    user, Path.Combine(folder, certificate), Path.Combine(folder, key), HeaderOf(credentials), clock)
                : null;
    }

    private static AuthenticationHeaderValue? HeaderOf(UserCredentials credentials) => credentials switch
    {
        { Token: { Length: > 0 } token } => new("Bearer", token),
        { UserName: { Length: > 0 } name } =>
            new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{credentials.Password}"))),
        _ => null,
    };

    private static User? UserOf(K8SConfiguration config, string? context)
    {
        var name = context ?? config.CurrentContext;
        var user = config.Contexts?.FirstOrDefault(found => found.Name == name)?.ContextDetails?.User;
        return config.Users?.FirstOrDefault(found => found.Name == user);
    }

    /// <summary>
    /// A user's credentials as they are written in the file, since KubernetesClient's model lacks members, and the
    /// folder of that file.
    /// </summary>
    private static (string Folder, YamlMappingNode? Credentials) Find(IEnumerable<string> files, string name)
    {
        foreach (var file in files)
        {
            if (KubeconfigYaml.CredentialsOf(file, name) is { } credentials)
            {
                return (Path.GetDirectoryName(Path.GetFullPath(file))!, credentials);
            }
        }

        return (Directory.GetCurrentDirectory(), null);
    }
}
