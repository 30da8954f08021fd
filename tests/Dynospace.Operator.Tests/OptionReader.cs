using Microsoft.Extensions.Configuration;

namespace Dynospace.Operator.Tests;

/// <summary>Reads options as the operator does, with a kubeconfig that leads nowhere.</summary>
internal sealed class OptionReader : IDisposable
{
    private readonly string _kubeconfig = Path.GetTempFileName();

    public OptionReader() => File.WriteAllText(_kubeconfig, """
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{name: test, cluster: {server: "https://127.0.0.1:1"}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        users: [{name: test, user: {token: secret}}]
        """);

    public OperatorOptions Read(params (string Name, string Value)[] options) => OperatorConfiguration.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                options.Select(o => new KeyValuePair<string, string?>(o.Name, o.Value))
                    .Append(new("kubeconfig", _kubeconfig)))
            .Build());

    public void Dispose() => File.Delete(_kubeconfig);
}
