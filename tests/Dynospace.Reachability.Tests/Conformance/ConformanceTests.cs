namespace Dynospace.Reachability.Tests.Conformance;

/// <summary>
/// The behaviours that the Kubernetes project's network policy end-to-end suite checks, as full tables over nine pods.
/// </summary>
public sealed class ConformanceTests
{
    private const string DenyAll = "{podSelector: {}, policyTypes: [Ingress, Egress]}";

    [Fact]
    public void Default_deny_ingress_closes_a_namespace() =>
        new ConformanceGrid().Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress]}")
            .Is((_, to) => !In(to, "x"));

    [Fact]
    public void Default_deny_all_closes_a_namespace_both_ways() =>
        new ConformanceGrid().Policy("x/deny", DenyAll).Is((from, to) => !In(from, "x") && !In(to, "x"));

    [Fact]
    public void Traffic_from_pods_of_the_namespace_by_label() =>
        new ConformanceGrid().Policy("x/p", ToA("ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]"))
            .Is((from, to) => to != "x/a" || from == "x/b");

    [Fact]
    public void Traffic_from_all_pods_of_the_own_namespace_only() =>
        new ConformanceGrid().Policy("x/p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
            .Is((from, to) => !In(to, "x") || In(from, "x"));

    [Fact]
    public void Traffic_from_a_namespace_by_label() =>
        new ConformanceGrid().Policy("x/p", ToA("ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}]}]"))
            .Is((from, to) => to != "x/a" || In(from, "y"));

    [Fact]
    public void Traffic_from_namespaces_by_expression() =>
        new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x, y]}]}}]}]
                """))
            .Is((from, to) => to != "x/a" || In(from, "z"));

    [Fact]
    public void Traffic_from_a_namespace_or_from_own_pods() =>
        new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}, {podSelector: {matchLabels: {pod: b}}}]}]
                """))
            .Is((from, to) => to != "x/a" || In(from, "y") || from == "x/b");

    [Fact]
    public void Traffic_from_pods_by_label_in_namespaces_by_label() =>
        new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}, podSelector: {matchLabels: {pod: b}}}]}]
                """))
            .Is((from, to) => to != "x/a" || from == "y/b");

    [Fact]
    public void Traffic_from_pods_and_namespaces_by_expressions() =>
        new ConformanceGrid().Policy("x/p", ToA("""
            ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x]}]},
                               podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, b]}]}}]}]
            """))
            .Is((from, to) => to != "x/a" || from is "y/a" or "y/b" or "z/a" or "z/b");

    [Fact]
    public void Traffic_from_several_pods_by_expression() =>
        new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: pod, operator: In, values: [b, c]}]}}]}]
                """))
            .Is((from, to) => to != "x/a" || !from.EndsWith('a'));

    [Fact]
    public void Traffic_to_one_port_only()
    {
        var grid = new ConformanceGrid().Policy("x/p", ToA("ingress: [{ports: [{port: 81}]}]"));

        grid.Is("81/tcp", (_, _) => true);
        grid.Is("80/tcp", (_, to) => to != "x/a");
        grid.Is("81/udp", (_, to) => to != "x/a");
    }

    [Fact]
    public void Traffic_by_port_and_namespace()
    {
        var grid = new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: 81}]}]
                """));

        grid.Is("80", (_, to) => to != "x/a");
        grid.Is("81", (from, to) => to != "x/a" || In(from, "y"));
    }

    [Fact]
    public void Stacked_policies_with_overlapping_selectors()
    {
        var grid = new ConformanceGrid()
            .Policy(
                "x/one", ToA("ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: 80}]}]"))
            .Policy(
                "x/two",
                "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {ns: z}}}], ports: [{port: "
                + "81}]}]}");

        grid.Is("80", (from, to) => !In(to, "x") || (to == "x/a" && In(from, "y")));
        grid.Is("81", (from, to) => !In(to, "x") || In(from, "z"));
    }

    [Fact]
    public void An_allow_all_policy_opens_what_a_default_deny_closed()
    {
        var grid = new ConformanceGrid().Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress]}");
        grid.Is((_, to) => !In(to, "x"));

        grid.Policy("x/allow", "{podSelector: {}, ingress: [{}]}").Is((_, _) => true);
    }

    [Fact]
    public void An_updated_policy_replaces_the_old_one()
    {
        var grid = new ConformanceGrid().Policy("x/p", ToA("ingress: [{ports: [{port: 81}]}]"));
        grid.Is("80", (_, to) => to != "x/a");

        grid.Policy("x/p", ToA("ingress: [{ports: [{port: 80}]}]"));

        grid.Is("80", (_, _) => true);
        grid.Is("81", (_, to) => to != "x/a");
    }

    [Fact]
    public void Updated_labels_of_pods_and_namespaces_count()
    {
        var grid = new ConformanceGrid()
            .Policy("x/p", ToA("""
                ingress: [{from: [{namespaceSelector: {matchLabels: {ns: new}}, podSelector: {matchLabels: {pod: new}}}]}]
                """));
        grid.Is((_, to) => to != "x/a");

        grid.RelabelNamespace("y", "ns=new").Relabel("y/b", "pod=new", "10.0.2.2");

        grid.Is((from, to) => to != "x/a" || from == "y/b");
    }

    [Fact]
    public void Egress_of_some_pods_is_closed() =>
        new ConformanceGrid().Policy("x/p", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress]}")
            .Is((from, _) => from != "x/a");

    [Fact]
    public void Egress_to_a_namespace_only() =>
        new ConformanceGrid().Policy(
            "x/p", ToA("policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {ns: y}}}]}]"))
            .Is((from, to) => from != "x/a" || In(to, "y"));

    [Fact]
    public void Egress_and_ingress_of_both_ends_must_agree()
    {
        var grid = new ConformanceGrid()
            .Policy(
                "x/out",
                ToA("policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {pod: "
                    + "b}}}]}]"))
            .Policy(
                "y/in",
                "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{namespaceSelector: {matchLabels: {ns: "
                + "z}}}]}]}");

        grid.Is((from, to) => (from != "x/a" || to is "x/b" or "z/b") && (to != "y/b" || In(from, "z")));
    }

    [Fact]
    public void Ingress_and_egress_rules_of_one_policy_are_both_enforced()
    {
        var grid = new ConformanceGrid()
            .Policy("x/p", ToA("""
                policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80}]}], egress: [{ports: [{port: 81}]}]
                """));

        grid.Is("80", (from, _) => from != "x/a");
        grid.Is("81", (_, to) => to != "x/a");
    }

    [Fact]
    public void Named_ports_in_ingress_and_egress()
    {
        var grid = new ConformanceGrid()
            .Policy("x/in", ToA("ingress: [{ports: [{port: serve-80-tcp}]}]"))
            .Policy("y/out", ToA("policyTypes: [Egress], egress: [{ports: [{port: serve-81-udp, protocol: UDP}]}]"));

        grid.Is("80/tcp", (from, to) => from != "y/a");
        grid.Is("81/tcp", (from, to) => from != "y/a" && to != "x/a");
        grid.Is("81/udp", (from, to) => to != "x/a");
        grid.Is("80/udp", (from, to) => from != "y/a" && to != "x/a");
    }

    [Fact]
    public void A_range_of_ports()
    {
        var grid = new ConformanceGrid().Policy(
            "x/p", ToA("policyTypes: [Egress], egress: [{ports: [{port: 81, endPort: 90}]}]"));

        grid.Is("80", (from, _) => from != "x/a");
        grid.Is("81", (_, _) => true);
    }

    [Theory]
    [InlineData("UDP", "80/udp", "80/tcp")]
    [InlineData("SCTP", "80/sctp", "80/tcp")]
    [InlineData("SCTP", "80/sctp", "80/udp")]
    [InlineData("TCP", "80/tcp", "80/sctp")]
    public void One_protocol_is_never_taken_for_another(string protocol, string open, string closed)
    {
        var grid = new ConformanceGrid().Policy(
            "x/p", ToA($"ingress: [{{ports: [{{port: 80, protocol: {protocol}}}]}}]"));

        grid.Is(open, (_, _) => true);
        grid.Is(closed, (_, to) => to != "x/a");
    }

    [Fact]
    public void A_port_without_a_number_is_every_port_of_its_protocol()
    {
        var grid = new ConformanceGrid().Policy("x/p", ToA("ingress: [{ports: [{protocol: UDP}]}]"));

        grid.Is("80/udp", (_, _) => true);
        grid.Is("81/udp", (_, _) => true);
        grid.Is("81/tcp", (_, to) => to != "x/a");
    }

    [Fact]
    public void Egress_to_a_block_and_not_to_its_exception() =>
        new ConformanceGrid()
            .Policy(
                "x/p",
                ToA("policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.2.0/24, except: [10.0.2.2/32]}}]}]"))
            .Is((from, to) => from != "x/a" || (In(to, "y") && to != "y/b"));

    [Fact]
    public void An_exception_of_one_policy_does_not_bind_another() =>
        new ConformanceGrid()
            .Policy(
                "x/p",
                ToA("policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.2.0/24, except: [10.0.2.2/32]}}]}]"))
            .Policy("x/q", ToA("policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.2.2/32}}]}]"))
            .Is((from, to) => from != "x/a" || In(to, "y"));

    [Fact]
    public void Policies_of_other_namespaces_do_not_interfere() =>
        new ConformanceGrid()
            .Policy("x/p", ToA("ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}]}]"))
            .Policy("y/p", ToA("ingress: [{from: [{namespaceSelector: {matchLabels: {ns: z}}}]}]"))
            .Is((from, to) => to switch { "x/a" => In(from, "y"), "y/a" => In(from, "z"), _ => true });

    [Fact]
    public void Default_deny_and_one_exception_each_way()
    {
        var grid = new ConformanceGrid().Policy("x/deny", DenyAll)
            .Policy("x/out", ToA("policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {pod: b}}}]}]"));
        grid.Is((from, to) => !In(from, "x") && !In(to, "x"));

        grid.Policy(
            "x/in",
            "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}]}]}");

        grid.Is((from, to) => (!In(from, "x") && !In(to, "x")) || (from == "x/a" && to == "x/b"));
    }

    private static string ToA(string fields) => $"{{podSelector: {{matchLabels: {{pod: a}}}}, {fields.Trim()}}}";

    private static bool In(string pod, string @namespace) => pod.StartsWith(@namespace + "/", StringComparison.Ordinal);
}
