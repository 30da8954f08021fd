namespace Dynospace.Router.Dynos;

/// <summary>What lives of an app between snapshots: its connections and its count of requests.</summary>
internal sealed record RoutedApp(AppGate Gate, DynoPool[] Pools);
