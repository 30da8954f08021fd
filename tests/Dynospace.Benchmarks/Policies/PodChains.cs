using System.Globalization;
using System.Net;
using System.Text;

namespace Dynospace.Benchmarks.Policies;

/// <summary>
/// The policies of a <see cref="PolicyCluster"/> in the form that kube-router gives them: a chain for each pod of the
/// node, which a packet finds by comparing its addresses with those of one pod after another, and a chain for each
/// policy, which marks what it admits. Only the comparison needs it.
/// </summary>
internal static class PodChains
{
    public const string Removal = "delete table ip pod_chains\n";

    private const string Admitted = "0x10000";

    public static string Text(PolicyCluster cluster)
    {
        var text = new StringBuilder("table ip pod_chains {\n");
        for (var group = 0; group < PolicyCluster.NamespaceCount; group++)
        {
            AppendSet(text, $"own{group}", cluster.PodsOf(group));
        }

        for (var team = 0; team < PolicyCluster.TeamCount; team++)
        {
            AppendSet(text, $"team{team}", cluster.TeamOf(team));
        }

        for (var policy = 0; policy < cluster.Policies; policy++)
        {
            AppendPolicy(text, policy);
        }

        var pods = Enumerable.Range(0, PolicyCluster.LocalPods + 1).ToList();
        foreach (var pod in pods)
        {
            Append(text, $" chain pod{pod} {{\n  ct state established,related accept\n");
            foreach (var policy in cluster.PoliciesOf(pod))
            {
                Append(text, $"  jump policy{policy}\n");
            }

            Append(text, $"  meta mark & {Admitted} != {Admitted} drop\n");
            Append(text, $"  meta mark set meta mark & 0xfffeffff\n }}\n");
        }

        text.Append(" chain forward {\n  type filter hook forward priority filter; policy accept;\n");
        // The two pods of the measured connection stand in the middle.
        foreach (var pod in pods.OrderBy(pod => (pod + (pods.Count / 2)) % pods.Count))
        {
            var address = PolicyCluster.AddressOf(pod);
            Append(text, $"  ip daddr {address} jump pod{pod}\n  ip saddr {address} jump pod{pod}\n");
        }

        return text.Append(" }\n}\n").ToString();
    }

    private static void AppendPolicy(StringBuilder text, int policy)
    {
        var own = policy % PolicyCluster.NamespaceCount;
        var team = policy / PolicyCluster.NamespaceCount;
        string[] admitted =
        [
            $"ip saddr @own{own} ip daddr @own{own} udp dport 1000-60000",
            $"ip saddr @own{own} ip daddr @own{own} tcp dport {5000 + (policy % 10)}",
            $"ip saddr @team{team} ip daddr @own{own} tcp dport 8080",
            $"ip saddr @own{own} ip daddr @own{own}",
            $"ip saddr @own{own} ip daddr != {{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 }}",
        ];
        Append(text, $" chain policy{policy} {{\n");
        foreach (var match in admitted)
        {
            Append(text, $"  {match} meta mark set meta mark | {Admitted}\n");
            Append(text, $"  {match} meta mark & {Admitted} == {Admitted} return\n");
        }

        text.Append(" }\n");
    }

    private static void AppendSet(StringBuilder text, string name, IEnumerable<IPAddress> addresses)
    {
        Append(text, $" set {name} {{ type ipv4_addr; elements = {{ ");
        text.AppendJoin(", ", addresses).Append(" } }\n");
    }

    private static void Append(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture));
}
