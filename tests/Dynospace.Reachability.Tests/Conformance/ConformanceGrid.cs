using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Conformance;

/// <summary>
/// The world of the upstream network policy suite: pods a, b and c in each of the namespaces x, y and z, which are
/// labelled ns=NAME, pods pod=NAME, each serving 80 and 81 over every protocol under the names
/// <c>serve-PORT-PROTOCOL</c>.
/// </summary>
internal sealed class ConformanceGrid
{
    private static readonly string[] Ports =
        ["80/tcp", "81/tcp", "80/udp", "81/udp", "80/sctp", "81/sctp"];

    private static readonly string[] Letters = ["a", "b", "c"];

    private readonly TestCluster _cluster = new();

    public ConformanceGrid()
    {
        var serve = string.Join(',', Ports.Select(port => $"serve-{port.Replace('/', '-')}={port}"));
        foreach (var (name, third) in new[] { ("x", 1), ("y", 2), ("z", 3) })
        {
            _cluster.Namespace(name, $"ns={name}");
            for (var pod = 0; pod < Letters.Length; pod++)
            {
                _cluster.Pod(
                    $"{name}/{Letters[pod]}", $"pod={Letters[pod]}", $"10.0.{third}.{pod + 1}", $"n{third}", serve);
            }
        }
    }

    public static IEnumerable<string> Pods =>
        from ns in new[] { "x", "y", "z" } from pod in Letters select $"{ns}/{pod}";

    public ConformanceGrid Policy(string name, string spec)
    {
        _cluster.Policy(name, spec);
        return this;
    }

    public ConformanceGrid Relabel(string name, string labels, string ip)
    {
        _cluster.Pod(name, labels, ip);
        return this;
    }

    public ConformanceGrid RelabelNamespace(string name, string labels)
    {
        _cluster.Namespace(name, labels);
        return this;
    }

    /// <summary>Asserts every cell for the port. Every pod reaches itself besides.</summary>
    public void Is(string port, Func<string, string, bool> allowed)
    {
        var evaluator = _cluster.Evaluator();
        Assert.True(TransportPort.TryParse(port, out var parsed));
        string Row(string from, Func<string, bool> cell) =>
            $"{from}: {string.Join(' ', Pods.Select(to => cell(to) ? $"[{to}]" : $" {to} "))}";

        Assert.Equal(
            Pods.Select(from => Row(from, to => from == to || allowed(from, to))),
            Pods.Select(
                from => Row(
                    from, to => evaluator.Evaluate(TestCluster.End(from), TestCluster.End(to), parsed).Allowed)));
    }

    /// <summary>Asserts every cell for every port.</summary>
    public void Is(Func<string, string, bool> allowed)
    {
        foreach (var port in Ports)
        {
            Is(port, allowed);
        }
    }
}
