using System.Runtime.Versioning;
using Dynospace.Runtime.Transport;
using k8s;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>A folder with a kubeconfig, and the files and the exec plugin that it names.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class KubeconfigFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeconfig-");

    public void Dispose() => _folder.Delete(recursive: true);

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    /// <summary>Writes the script of the exec plugin <c>./plugin</c>.</summary>
    public void WritePlugin(string script)
    {
        Write("plugin", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(
            PathOf("plugin"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <param name="user">The user's credentials, as YAML.</param>
    /// <param name="server">The address of the API server.</param>
    /// <param name="clock">Decides when credentials are renewed.</param>
    public KubernetesClientConfiguration Configure(string user, string server, TimeProvider clock)
    {
        Write("config", $$"""
            apiVersion: v1
            kind: Config
            current-context: here
            contexts: [{name: here, context: {cluster: here, user: me} }]
            clusters: [{name: here, cluster: {server: "{{server}}", insecure-skip-tls-verify: true} }]
            users:
            - name: me
              user:
                {{user}}
            """);
        return KubeconfigFile.Configure(PathOf("config"), null, clock);
    }
}
