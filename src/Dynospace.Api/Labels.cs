namespace Dynospace.Api;

/// <summary>Labels that the operator writes and its policies select by.</summary>
public static class Labels
{
    /// <summary>
    /// On namespaces and all that is in them: the space's name. On a namespace it is what a tenant cannot forge.
    /// </summary>
    public const string Space = "dynospace.dev/space";

    /// <summary>The app's name.</summary>
    public const string App = "dynospace.dev/app";

    /// <summary>The process type: <c>web</c>, <c>worker</c>, <c>run</c>, <c>release</c>.</summary>
    public const string ProcessType = "dynospace.dev/process-type";

    /// <summary>The dyno's full name, <c>shop.web.1</c>.</summary>
    public const string Dyno = "dynospace.dev/dyno";

    /// <summary>Which listener may send web requests here; see <see cref="RoutingValues"/>.</summary>
    public const string Routing = "dynospace.dev/routing";

    /// <summary>The release number.</summary>
    public const string Release = "dynospace.dev/release";

    /// <summary>What an operator-made pod that is not a dyno is for: <see cref="ComponentValues"/>.</summary>
    public const string Component = "dynospace.dev/component";

    /// <summary>
    /// On the pods of public routers: <c>judged</c>, where they tell dynos from other clients. Dynos reach no others.
    /// </summary>
    public const string Callers = "dynospace.dev/callers";

    /// <summary>The value of <see cref="Callers"/>.</summary>
    public const string CallersJudged = "judged";

    /// <summary>What a canary does in a trial: <see cref="CanaryRoles"/>.</summary>
    public const string Canary = "dynospace.dev/canary";

    /// <summary>The runtime of the space, on its namespace: <c>Common</c>, <c>Private</c>, <c>Shield</c>.</summary>
    public const string Runtime = "dynospace.dev/runtime";

    /// <summary>On children without an owner reference: the uid of their owner.</summary>
    public const string OwnerUid = "dynospace.dev/owner-uid";

    /// <summary>On nodes that may have fixed IPs: <c>true</c>. The operator's options can name another label.</summary>
    public const string EgressGateway = "dynospace.dev/egress-gateway";

    /// <summary>On the nodes of a dev cluster: <c>true</c>. There are no packets there.</summary>
    public const string Simulated = "dynospace.dev/simulated";

    /// <summary>The recommended label that names the tool in charge; always <see cref="ManagedByValue"/>.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>The value of <see cref="ManagedBy"/>.</summary>
    public const string ManagedByValue = "dynospace";

    /// <summary>The recommended label for the application's name.</summary>
    public const string Name = "app.kubernetes.io/name";

    /// <summary>The recommended label that distinguishes one instance of an application from others.</summary>
    public const string Instance = "app.kubernetes.io/instance";

    /// <summary>The recommended label for the role within the application.</summary>
    public const string ComponentName = "app.kubernetes.io/component";

    /// <summary>The recommended label for the whole that this is part of.</summary>
    public const string PartOf = "app.kubernetes.io/part-of";

    /// <summary>The namespace's own name, set by the API server.</summary>
    public const string NamespaceName = "kubernetes.io/metadata.name";
}

/// <summary>Values of <see cref="Labels.Routing"/>.</summary>
public static class RoutingValues
{
    /// <summary>Web dynos that the public listener serves.</summary>
    public const string Public = "public";

    /// <summary>Web dynos of an app with internal routing.</summary>
    public const string Internal = "internal";

    /// <summary>Every other dyno: receives no web requests.</summary>
    public const string None = "none";
}

/// <summary>Values of <see cref="Labels.Component"/>.</summary>
public static class ComponentValues
{
    /// <summary>The router's public listener.</summary>
    public const string RouterPublic = "router-public";

    /// <summary>The router's internal listener.</summary>
    public const string RouterInternal = "router-internal";

    /// <summary>What routers must know to tell dynos from other clients; a ConfigMap of the system namespace.</summary>
    public const string RouterCallers = "router-callers";

    /// <summary>The space's DNS.</summary>
    public const string SpaceDns = "space-dns";

    /// <summary>The record, in the system namespace, that a host is granted to an App.</summary>
    public const string HostGrant = "host-grant";

    /// <summary>The record, in the system namespace, that a fixed IP is granted to a Space.</summary>
    public const string EgressGrant = "egress-grant";

    /// <summary>What makes the way out of a space, of whatever kind.</summary>
    public const string Egress = "egress";

    /// <summary>A pod that proves the isolation.</summary>
    public const string Canary = "canary";
}

/// <summary>Values of <see cref="Labels.Canary"/>.</summary>
public static class CanaryRoles
{
    /// <summary>The pod that listens.</summary>
    public const string Target = "target";

    /// <summary>The pod that connects, and ends with what it saw.</summary>
    public const string Probe = "probe";
}
