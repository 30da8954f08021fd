namespace DevCluster.Schema.ServerSideApply;

/// <summary>Operations on field sets, which do not modify their operands.</summary>
internal static class FieldSetOperations
{
    public static FieldSet Union(this FieldSet left, FieldSet right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left.IsEmpty ? right : left;
        }

        return Merge(left, right, (l, r) => new(
            l.Element,
            l.IsMember || r.IsMember,
            l.Children is null
                ? r.Children
                : r.Children is null ? l.Children : l.Children.Union(r.Children)), keepLeft: true, keepRight: true);
    }

    public static FieldSet Intersect(this FieldSet left, FieldSet right) =>
        Merge(left, right, (l, r) => new(
            l.Element,
            l.IsMember && r.IsMember,
            l.Children is null || r.Children is null
                ? null
                : l.Children.Intersect(r.Children)), keepLeft: false, keepRight: false);

    /// <summary>
    /// The difference by member: a member of <paramref name="left"/> stays if only a member above or below it is
    /// removed.
    /// </summary>
    public static FieldSet Except(this FieldSet left, FieldSet right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left;
        }

        return Merge(left, right, (l, r) => new(
            l.Element,
            l.IsMember && !r.IsMember,
            l.Children is null || r.Children is null
                ? l.Children
                : l.Children.Except(r.Children)), keepLeft: true, keepRight: false);
    }

    /// <summary>The difference by tree: removes members and everything below them.</summary>
    public static FieldSet ExceptTrees(this FieldSet left, FieldSet right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left;
        }

        return Merge(left, right, (l, r) => r.IsMember ? default : new(
            l.Element,
            l.IsMember,
            l.Children is null || r.Children is null
                ? l.Children
                : l.Children.ExceptTrees(r.Children)), keepLeft: true, keepRight: false);
    }

    /// <summary>Whether the sets share a member.</summary>
    public static bool Overlaps(this FieldSet left, FieldSet right)
    {
        var a = left.Entries;
        var b = right.Entries;
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var order = a[i].Element.CompareTo(b[j].Element);
            if (order == 0 && ((a[i].IsMember && b[j].IsMember)
                || (a[i].Children is { } children && b[j].Children is { } others && children.Overlaps(others))))
            {
                return true;
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return false;
    }

    public static bool IsSubsetOf(this FieldSet left, FieldSet right)
    {
        var others = right.Entries;
        var j = 0;
        foreach (var entry in left.Entries)
        {
            while (j < others.Length && others[j].Element.CompareTo(entry.Element) < 0)
            {
                j++;
            }

            if (j == others.Length || others[j].Element != entry.Element
                || (entry.IsMember && !others[j].IsMember)
                || (entry.Children is not null
                    && (others[j].Children is not { } children || !entry.Children.IsSubsetOf(children))))
            {
                return false;
            }
        }

        return true;
    }

    public static bool SetEquals(this FieldSet left, FieldSet right) =>
        left.IsSubsetOf(right) && right.IsSubsetOf(left);

    private static FieldSet Merge(
        FieldSet left,
        FieldSet right,
        Func<FieldSetEntry, FieldSetEntry, FieldSetEntry> both,
        bool keepLeft,
        bool keepRight)
    {
        var a = left.Entries;
        var b = right.Entries;
        var result = new FieldSet(keepRight ? a.Length + b.Length : a.Length);
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
        {
            var order = i == a.Length ? 1 : j == b.Length ? -1 : a[i].Element.CompareTo(b[j].Element);
            if (order == 0)
            {
                result.Append(both(a[i++], b[j++]));
            }
            else if (order < 0)
            {
                if (keepLeft)
                {
                    result.Append(a[i]);
                }

                i++;
            }
            else
            {
                if (keepRight)
                {
                    result.Append(b[j]);
                }

                j++;
            }
        }

        return result;
    }
}
